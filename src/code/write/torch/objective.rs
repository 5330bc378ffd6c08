//! What the networks pursue: losses, penalties, optimisers and schedules, as PyTorch's source.

use super::sight::{self, judge};
use crate::code::write::parts::ends_in_sigmoid;
use crate::code::write::python::number;
use crate::code::write::script::{Values, has_schedule, indented, rate};
use crate::spec::{LabelSmoothing, Loss, Optimiser, Project, Role};

/// The parts of the training loop, by their names in the template.
pub fn parts(project: &Project) -> Values {
    vec![
        ("losses", losses(project)),
        ("g_optimiser", optimiser(project, Role::Generator)),
        ("d_optimiser", optimiser(project, Role::Discriminator)),
        ("before_steps", before_steps(project)),
        ("turn", if project.train.regularisation.every > 1 { "turn" } else { "_" }.to_owned()),
        ("d_loss", d_loss(project)),
        ("d_total", if project.train.regularisation.adds_penalty() { "(d_loss + penalty)" } else { "d_loss" }.to_owned()),
        ("d_clip", clip_gradient(project, Role::Discriminator)),
        ("clip", clip(project)),
        ("g_loss", g_loss(project)),
        ("g_clip", clip_gradient(project, Role::Generator)),
        (
            "after_step",
            if has_schedule(project) { indented(8, ["for schedule in schedules:", "    schedule.step()"]) } else { String::new() },
        ),
    ]
}

/// The functions of both losses, and what else they need.
fn losses(project: &Project) -> String {
    let train = &project.train;
    let bce = if ends_in_sigmoid(project) { "F.binary_cross_entropy" } else { "F.binary_cross_entropy_with_logits" };
    let LabelSmoothing { real: less, fake: more } = train.smoothing;
    let ones = |of: &str| format!("{bce}({of}, torch.ones_like({of}))");
    let zeros = |of: &str| format!("{bce}({of}, torch.zeros_like({of}))");
    let on_real = if less > 0.0 { format!("{bce}(real, torch.full_like(real, 1.0 - SMOOTH_REAL))") } else { ones("real") };
    let on_fake = if more > 0.0 { format!("{bce}(fake, torch.full_like(fake, SMOOTH_FAKE))") } else { zeros("fake") };
    let entropy = format!("{on_real} + {on_fake}");
    let (d_loss, g_loss) = match train.loss {
        Loss::NonSaturating => (entropy, ones("fake")),
        Loss::Minimax => (entropy, format!("-{}", zeros("fake"))),
        Loss::LeastSquares => {
            let real = if less > 0.0 { "(real - (1.0 - SMOOTH_REAL))" } else { "(real - 1.0)" };
            let fake = if more > 0.0 { "(fake - SMOOTH_FAKE)" } else { "fake" };
            (format!("0.5 * ({real}.square().mean() + {fake}.square().mean())"), "0.5 * (fake - 1.0).square().mean()".to_owned())
        }
        Loss::Hinge => ("F.relu(1.0 - real).mean() + F.relu(1.0 + fake).mean()".to_owned(), "-fake.mean()".to_owned()),
        Loss::Wasserstein => ("fake.mean() - real.mean()".to_owned(), "-fake.mean()".to_owned()),
        Loss::RelativisticPaired => ("F.softplus(fake - real).mean()".to_owned(), "F.softplus(real - fake).mean()".to_owned()),
        Loss::RelativisticAverage => (
            "F.softplus(fake.mean() - real).mean() + F.softplus(fake - real.mean()).mean()".to_owned(),
            "F.softplus(real.mean() - fake).mean() + F.softplus(real - fake.mean()).mean()".to_owned(),
        ),
    };
    let arguments = if train.loss.is_relativistic() { "fake, real" } else { "fake" };
    let mut text = format!(
        "def discriminator_loss(real, fake):\n    \"\"\"What the discriminator minimises: {}.\"\"\"\n    return {d_loss}\n\n\n\
         def generator_loss({arguments}):\n    \"\"\"What the generator minimises.\"\"\"\n    return {g_loss}",
        train.loss.name()
    );
    for more in [penalty(project), noise(project), rate(project)].into_iter().chain(sight::functions(project)).flatten() {
        text += &format!("\n\n\n{more}");
    }
    text
}

/// What the discriminator is punished with for its gradients.
fn penalty(project: &Project) -> Option<String> {
    let rules = project.train.regularisation;
    if !rules.punishes_gradients() {
        return None;
    }
    let said = if ends_in_sigmoid(project) && project.train.loss.has_probability() {
        "torch.logit(discriminator(samples))"
    } else {
        "discriminator(samples)"
    };
    let mut terms = Vec::new();
    let mut before = "";
    if rules.gradient_penalty > 0.0 {
        before = "    shares = torch.rand(len(real), *[1] * (real.dim() - 1), device=real.device)\n    \
                  between = shares * real + (1.0 - shares) * fake\n";
        terms.push("GRADIENT_PENALTY * ((slopes(discriminator, between) + 1e-12).sqrt() - 1.0).square().mean()");
    }
    terms.extend((rules.r1 > 0.0).then_some("R1 / 2 * slopes(discriminator, real).mean()"));
    terms.extend((rules.r2 > 0.0).then_some("R2 / 2 * slopes(discriminator, fake).mean()"));
    Some(format!(
        "def slopes(discriminator, samples):\n    \"\"\"The square length of the gradient of what the discriminator says, for each sample, \
         [n].\"\"\"\n    samples = samples.detach().requires_grad_()\n    \
         (gradients,) = torch.autograd.grad({said}.sum(), samples, create_graph=True)\n    \
         return gradients.flatten(1).square().sum(1)\n\n\n\
         def punish_gradients(discriminator, real, fake):\n    \"\"\"What the discriminator is punished with for its gradients.\"\"\"\n\
         {before}    return {}",
        terms.join(" + ")
    ))
}

fn noise(project: &Project) -> Option<String> {
    let noise = project.train.noise;
    let left = if noise.steps == 0 { "NOISE" } else { "NOISE * max(0.0, 1.0 - (step - 1) / NOISE_STEPS)" };
    (noise.deviation > 0.0).then(|| {
        format!(
            "def noisy(samples, step):\n    \"\"\"Samples as the discriminator sees them.\"\"\"\n    \
             return samples + {left} * torch.randn_like(samples)"
        )
    })
}

fn before_steps(project: &Project) -> String {
    let mut lines = Vec::new();
    if has_schedule(project) {
        lines.push("schedules = [torch.optim.lr_scheduler.LambdaLR(optimizer, rate) for optimizer in (g_optimizer, d_optimizer)]");
    }
    if project.train.regularisation.lecam > 0.0 {
        lines.push("means = None  # the running means of what the discriminator says of real and of generated samples");
    }
    lines.extend(sight::before_steps(project));
    indented(4, lines)
}

/// The lines up to the discriminator's loss.
fn d_loss(project: &Project) -> String {
    let rules = project.train.regularisation;
    let is_noisy = project.train.noise.deviation > 0.0;
    let mut lines: Vec<&str> = Vec::new();
    if is_noisy {
        lines.push("real_seen, fake_seen = noisy(real, step), noisy(fake.detach(), step)");
    }
    let (judge, adapts) = (judge(project), project.train.augmentation.adapts());
    if !rules.adds_penalty() && !adapts {
        let [real, fake] = if is_noisy { ["real_seen", "fake_seen"] } else { ["real", "fake.detach()"] };
        let last = format!("d_loss = discriminator_loss({judge}({real}), {judge}({fake}))");
        return indented(12, lines.into_iter().chain([last.as_str()]));
    }
    if !is_noisy {
        lines.push("real_seen, fake_seen = real, fake.detach()");
    }
    let judged = format!("on_real, on_fake = {judge}(real_seen), {judge}(fake_seen)");
    let punished = format!("punish_gradients({judge}, real_seen, fake_seen)");
    let penalty = match rules.every {
        _ if !rules.punishes_gradients() => "penalty = 0.0".to_owned(),
        1 => format!("penalty = {punished}"),
        _ => format!("penalty = PENALTY_EVERY * {punished} if is_due else 0.0"),
    };
    lines.extend([judged.as_str(), "d_loss = discriminator_loss(on_real, on_fake)"]);
    if rules.punishes_gradients() && rules.every > 1 {
        lines.push("is_due = ((step - 1) * D_STEPS + turn) % PENALTY_EVERY == 0");
    }
    lines.extend(rules.adds_penalty().then_some(penalty.as_str()));
    if rules.lecam > 0.0 {
        lines.push("now = (on_real.mean().detach(), on_fake.mean().detach())");
        lines.push("means = now if means is None else tuple(0.99 * old + 0.01 * new for old, new in zip(means, now))");
        lines.push("penalty = penalty + LECAM * ((on_real - means[1]).square().mean() + (on_fake - means[0]).square().mean())");
    }
    indented(12, lines)
}

fn g_loss(project: &Project) -> String {
    let seen = |of: &str| if project.train.noise.deviation > 0.0 { format!("noisy({of}, step)") } else { of.to_owned() };
    let judge = judge(project);
    let fake = format!("{judge}({})", seen("fake"));
    if project.train.loss.is_relativistic() {
        format!("generator_loss({fake}, {judge}({}))", seen("real"))
    } else {
        format!("generator_loss({fake})")
    }
}

fn clip_gradient(project: &Project, role: Role) -> String {
    let (indent, name) = match role {
        Role::Generator => (8, "CLIP_G_GRADIENT"),
        Role::Discriminator => (12, "CLIP_D_GRADIENT"),
    };
    let line = format!("torch.nn.utils.clip_grad_norm_({}.parameters(), {name})", role.name());
    if project.train.clip_gradient.of(role) > 0.0 { indented(indent, [line.as_str()]) } else { String::new() }
}

fn clip(project: &Project) -> String {
    let lines =
        ["with torch.no_grad():", "    for weight in discriminator.parameters():", "        weight.clamp_(-CLIP_VALUE, CLIP_VALUE)"];
    if project.train.regularisation.clip > 0.0 { indented(12, lines) } else { String::new() }
}

fn optimiser(project: &Project, role: Role) -> String {
    let spec = project.train.optimiser(role);
    let (of, rate) = (role.name(), number(spec.learning_rate));
    match spec.rule {
        Optimiser::Adam { beta1, beta2, epsilon } => {
            let (beta1, beta2, epsilon) = (number(beta1), number(beta2), number(epsilon));
            format!("torch.optim.Adam({of}.parameters(), lr={rate}, betas=({beta1}, {beta2}), eps={epsilon})")
        }
        Optimiser::AdamW { beta1, beta2, epsilon, decay } => {
            let [beta1, beta2, epsilon, decay] = [beta1, beta2, epsilon, decay].map(number);
            format!("torch.optim.AdamW({of}.parameters(), lr={rate}, betas=({beta1}, {beta2}), eps={epsilon}, weight_decay={decay})")
        }
        Optimiser::Lion { beta1, beta2, decay } => {
            let [beta1, beta2, decay] = [beta1, beta2, decay].map(number);
            format!("Lion({of}.parameters(), lr={rate}, betas=({beta1}, {beta2}), weight_decay={decay})")
        }
        Optimiser::RmsProp { alpha, epsilon } => {
            format!("torch.optim.RMSprop({of}.parameters(), lr={rate}, alpha={}, eps={})", number(alpha), number(epsilon))
        }
        Optimiser::Sgd { momentum } => format!("torch.optim.SGD({of}.parameters(), lr={rate}, momentum={})", number(momentum)),
    }
}
