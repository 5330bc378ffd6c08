//! What the networks pursue: losses, penalties, optimisers and schedules, as Keras's source.

use crate::code::write::parts::ends_in_sigmoid;
use crate::code::write::python::number;
use crate::code::write::script::{Values, has_schedule, indented, rate};
use crate::spec::{LabelSmoothing, Loss, Optimiser, Project, Role};

/// The parts of the training loop, by their names in the template.
pub fn parts(project: &Project) -> Values {
    let rules = project.train.regularisation;
    let (is_lazy, is_relative) = (rules.punishes_gradients() && rules.every > 1, project.train.loss.is_relativistic());
    vec![
        ("losses", losses(project)),
        ("g_optimiser", optimiser(project, Role::Generator)),
        ("d_optimiser", optimiser(project, Role::Discriminator)),
        ("before_steps", before_steps(project)),
        ("d_arguments", if is_lazy { "real, is_due" } else { "real" }.to_owned()),
        ("d_loss", d_loss(project)),
        ("d_total", if rules.adds_penalty() { "total" } else { "loss" }.to_owned()),
        ("clip", clip(project)),
        ("g_argument", if is_relative { "real" } else { "" }.to_owned()),
        ("g_loss", g_loss(project)),
        ("turn", if is_lazy { "turn" } else { "_" }.to_owned()),
        ("each_step", each_step(project)),
        ("d_call", d_call(is_lazy, is_relative)),
        ("g_call", if is_relative { "g_step(real)" } else { "g_step()" }.to_owned()),
    ]
}

fn losses(project: &Project) -> String {
    let train = &project.train;
    let from_logits = if ends_in_sigmoid(project) { "" } else { "from_logits=True" };
    let made = format!("cross_entropy = keras.losses.BinaryCrossentropy({from_logits})\n\n\n");
    let LabelSmoothing { real: less, fake: more } = train.smoothing;
    let ones = |of: &str| format!("cross_entropy(ops.ones_like({of}), {of})");
    let zeros = |of: &str| format!("cross_entropy(ops.zeros_like({of}), {of})");
    let on_real = if less > 0.0 { "cross_entropy(ops.full_like(real, 1.0 - SMOOTH_REAL), real)".to_owned() } else { ones("real") };
    let on_fake = if more > 0.0 { "cross_entropy(ops.full_like(fake, SMOOTH_FAKE), fake)".to_owned() } else { zeros("fake") };
    let entropy = format!("{on_real} + {on_fake}");
    let mean = |of: &str| format!("ops.mean({of})");
    let (before, d_loss, g_loss) = match train.loss {
        Loss::NonSaturating => (made, entropy, ones("fake")),
        Loss::Minimax => (made, entropy, format!("-{}", zeros("fake"))),
        Loss::LeastSquares => {
            let real = if less > 0.0 { "ops.square(real - (1.0 - SMOOTH_REAL))" } else { "ops.square(real - 1.0)" };
            let fake = if more > 0.0 { "ops.square(fake - SMOOTH_FAKE)" } else { "ops.square(fake)" };
            let d_loss = format!("0.5 * ({} + {})", mean(real), mean(fake));
            (String::new(), d_loss, format!("0.5 * {}", mean("ops.square(fake - 1.0)")))
        }
        Loss::Hinge => {
            let d_loss = format!("{} + {}", mean("ops.relu(1.0 - real)"), mean("ops.relu(1.0 + fake)"));
            (String::new(), d_loss, format!("-{}", mean("fake")))
        }
        Loss::Wasserstein => (String::new(), format!("{} - {}", mean("fake"), mean("real")), format!("-{}", mean("fake"))),
        Loss::RelativisticPaired => (String::new(), mean("ops.softplus(fake - real)"), mean("ops.softplus(real - fake)")),
        Loss::RelativisticAverage => {
            let above = |high: &str, low: &str| {
                let (first, second) =
                    (format!("ops.softplus(ops.mean({low}) - {high})"), format!("ops.softplus({low} - ops.mean({high}))"));
                format!("{} + {}", mean(&first), mean(&second))
            };
            (String::new(), above("real", "fake"), above("fake", "real"))
        }
    };
    let arguments = if train.loss.is_relativistic() { "fake, real" } else { "fake" };
    let mut text = format!(
        "{before}def discriminator_loss(real, fake):\n    \"\"\"What the discriminator minimises: {}.\"\"\"\n    return {d_loss}\n\n\n\
         def generator_loss({arguments}):\n    \"\"\"What the generator minimises.\"\"\"\n    return {g_loss}",
        train.loss.name()
    );
    for more in [penalty(project), rate(project)].into_iter().flatten() {
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
    let logit = ends_in_sigmoid(project) && project.train.loss.has_probability();
    let said = if logit {
        "        said = discriminator(samples, training=True)\n        said = ops.log(said) - ops.log1p(-said)\n"
    } else {
        "        said = discriminator(samples, training=True)\n"
    };
    let mut terms = Vec::new();
    let mut before = "";
    if rules.gradient_penalty > 0.0 {
        before = "    shares = tf.random.uniform([tf.shape(real)[0]] + [1] * (len(real.shape) - 1))\n    \
                  between = shares * real + (1.0 - shares) * fake\n";
        terms.push("GRADIENT_PENALTY * ops.mean(ops.square(ops.sqrt(slopes(discriminator, between) + 1e-12) - 1.0))");
    }
    terms.extend((rules.r1 > 0.0).then_some("R1 / 2 * ops.mean(slopes(discriminator, real))"));
    terms.extend((rules.r2 > 0.0).then_some("R2 / 2 * ops.mean(slopes(discriminator, fake))"));
    Some(format!(
        "def slopes(discriminator, samples):\n    \"\"\"The square length of the gradient of what the discriminator says, for each sample, \
         [n].\"\"\"\n    with tf.GradientTape() as tape:\n        tape.watch(samples)\n{said}    \
         gradients = tape.gradient(said, samples)\n    return ops.sum(ops.square(gradients), axis=list(range(1, len(samples.shape))))\n\n\n\
         def punish_gradients(discriminator, real, fake):\n    \"\"\"What the discriminator is punished with for its gradients.\"\"\"\n\
         {before}    return {}",
        terms.join(" + ")
    ))
}

fn before_steps(project: &Project) -> String {
    let mut lines = Vec::new();
    if project.train.noise.deviation > 0.0 {
        lines.push("noise = tf.Variable(NOISE, trainable=False)");
    }
    if project.train.regularisation.lecam > 0.0 {
        lines.push("# The running means of what the discriminator says of real and of generated samples.");
        lines.push("means = [tf.Variable(np.nan, trainable=False, dtype=\"float32\") for _ in range(2)]");
    }
    let mut text = indented(4, lines);
    if project.train.noise.deviation > 0.0 {
        text += "\n    def noisy(samples):\n        return samples + noise * tf.random.normal(tf.shape(samples))\n";
    }
    text
}

/// The lines up to the discriminator's loss, within its tape.
fn d_loss(project: &Project) -> String {
    let rules = project.train.regularisation;
    let is_noisy = project.train.noise.deviation > 0.0;
    let seen = if is_noisy { ["noisy(real)", "noisy(fake)"] } else { ["real", "fake"] };
    if !rules.adds_penalty() {
        let [real, fake] = seen;
        let line = format!("loss = discriminator_loss(discriminator({real}, training=True), discriminator({fake}, training=True))");
        return indented(12, [line.as_str()]);
    }
    let mut lines = Vec::new();
    if is_noisy {
        lines.push("real, fake = noisy(real), noisy(fake)");
    }
    lines.push("on_real, on_fake = discriminator(real, training=True), discriminator(fake, training=True)");
    lines.push("loss = discriminator_loss(on_real, on_fake)");
    if rules.punishes_gradients() && rules.every > 1 {
        lines.push("penalty = PENALTY_EVERY * punish_gradients(discriminator, real, fake) if is_due else 0.0");
    } else if rules.punishes_gradients() {
        lines.push("penalty = punish_gradients(discriminator, real, fake)");
    } else {
        lines.push("penalty = 0.0");
    }
    if rules.lecam > 0.0 {
        lines.push("for mean, now in zip(means, [tf.stop_gradient(ops.mean(on_real)), tf.stop_gradient(ops.mean(on_fake))]):");
        lines.push("    mean.assign(tf.where(tf.math.is_nan(mean), now, 0.99 * mean + 0.01 * now))");
        lines.push(
            "penalty = penalty + LECAM * ops.mean(ops.square(on_real - means[1])) + LECAM * ops.mean(ops.square(on_fake - means[0]))",
        );
    }
    lines.push("total = loss + penalty");
    indented(12, lines)
}

fn g_loss(project: &Project) -> String {
    let seen = |of: &str| {
        let of = if project.train.noise.deviation > 0.0 { format!("noisy({of})") } else { of.to_owned() };
        format!("discriminator({of}, training=True)")
    };
    if project.train.loss.is_relativistic() {
        format!("generator_loss({}, {})", seen("fake"), seen("real"))
    } else {
        format!("generator_loss({})", seen("fake"))
    }
}

fn each_step(project: &Project) -> String {
    let train = &project.train;
    let mut lines = Vec::new();
    if has_schedule(project) {
        for (role, name) in [(Role::Generator, "g_optimizer"), (Role::Discriminator, "d_optimizer")] {
            lines.push(format!("{name}.learning_rate = {} * rate(step - 1)", number(train.optimiser(role).learning_rate)));
        }
    }
    if train.noise.deviation > 0.0 && train.noise.steps > 0 {
        lines.push("noise.assign(NOISE * max(0.0, 1.0 - (step - 1) / NOISE_STEPS))".to_owned());
    }
    indented(8, lines.iter().map(String::as_str))
}

fn d_call(is_lazy: bool, is_relative: bool) -> String {
    let real = if is_relative { "real" } else { "next(real_batches)" };
    let call = match is_lazy {
        true => format!("d_loss = d_step({real}, ((step - 1) * D_STEPS + turn) % PENALTY_EVERY == 0)"),
        false => format!("d_loss = d_step({real})"),
    };
    let first = is_relative.then_some("real = next(real_batches)");
    indented(12, first.into_iter().chain([call.as_str()]))
}

fn clip(project: &Project) -> String {
    let lines = ["for weight in discriminator.trainable_variables:", "    weight.assign(ops.clip(weight, -CLIP_VALUE, CLIP_VALUE))"];
    if project.train.regularisation.clip > 0.0 { indented(8, lines) } else { String::new() }
}

fn optimiser(project: &Project, role: Role) -> String {
    let spec = project.train.optimiser(role);
    let rate = number(spec.learning_rate);
    let made = match spec.rule {
        Optimiser::Adam { beta1, beta2, epsilon } => {
            let (beta1, beta2, epsilon) = (number(beta1), number(beta2), number(epsilon));
            format!("keras.optimizers.Adam({rate}, beta_1={beta1}, beta_2={beta2}, epsilon={epsilon}")
        }
        Optimiser::AdamW { beta1, beta2, epsilon, decay } => {
            let [beta1, beta2, epsilon, decay] = [beta1, beta2, epsilon, decay].map(number);
            format!("keras.optimizers.AdamW({rate}, weight_decay={decay}, beta_1={beta1}, beta_2={beta2}, epsilon={epsilon}")
        }
        Optimiser::Lion { beta1, beta2, decay } => {
            let [beta1, beta2, decay] = [beta1, beta2, decay].map(number);
            format!("keras.optimizers.Lion({rate}, beta_1={beta1}, beta_2={beta2}, weight_decay={decay}")
        }
        Optimiser::RmsProp { alpha, epsilon } => {
            format!("keras.optimizers.RMSprop({rate}, rho={}, epsilon={}", number(alpha), number(epsilon))
        }
        Optimiser::Sgd { momentum } => format!("keras.optimizers.SGD({rate}, momentum={}", number(momentum)),
    };
    let name = match role {
        Role::Generator => "CLIP_G_GRADIENT",
        Role::Discriminator => "CLIP_D_GRADIENT",
    };
    if project.train.clip_gradient.of(role) > 0.0 { format!("{made}, global_clipnorm={name})") } else { format!("{made})") }
}
