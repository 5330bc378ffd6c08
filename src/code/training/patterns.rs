//! What is told by how code looks: losses that are written out, weights that are clipped, where latent vectors come from.

use super::updates;
use crate::code::python::{Argument, Binary, Block, Comparison, Constant, Expr, ExprKind, Function, Statement, StatementKind, Unary};

/// What was found, with the lines.
#[derive(Debug, Default)]
pub struct Found {
    /// A difference of means of what the discriminator says.
    pub wasserstein: Option<usize>,
    /// Means of what lies within a margin.
    pub hinge: Option<usize>,
    /// Weights are clipped: to which bound, where that is written there.
    pub clip: Option<(usize, Option<f64>)>,
    /// A penalty on gradients whose length is not one.
    pub penalty: Option<usize>,
    /// Means of squares.
    pub squares: Option<usize>,
    /// Cross-entropy by softplus or logarithms.
    pub logistic: Option<usize>,
    /// A penalty on gradients at real samples.
    pub r1: Option<usize>,
    /// Latent vectors are drawn from -1 to 1.
    pub uniform_latents: bool,
    /// Latent vectors are drawn from 0 to 1.
    pub unit_latents: Option<usize>,
    /// How many steps the discriminator takes before the generator takes one.
    pub critic_steps: Option<Amount>,
    /// How many samples a batch has, where data are put into batches.
    pub batch: Option<Amount>,
}

/// A number that stands there, or the name of one.
#[derive(Clone, Debug, PartialEq)]
pub enum Amount {
    /// The number.
    Number(i64),
    /// The last part of its name.
    Named(String),
}

/// Looks through a whole script.
pub fn find(script: &[Statement]) -> Found {
    let mut search = Search { found: Found::default(), inside: String::new(), loops: 0 };
    search.block(script);
    search.found
}

struct Search {
    found: Found,
    /// The function around, in lower case.
    inside: String,
    /// How many loops stand around.
    loops: usize,
}

impl Search {
    fn block(&mut self, block: &[Statement]) {
        for statement in block {
            self.statement(statement);
        }
    }

    fn blocks(&mut self, blocks: &[&Block]) {
        for block in blocks {
            self.block(block);
        }
    }

    fn statement(&mut self, statement: &Statement) {
        match &statement.kind {
            StatementKind::Expression(expr) => self.expr(expr),
            StatementKind::Assign(assignment) => {
                let name = assignment.targets.first().map(last_name).unwrap_or_default().to_lowercase();
                self.mark_penalty(&name, statement.line);
                self.latents(&name, &assignment.value);
                if is_loss(&name) || is_loss(&self.inside) {
                    self.loss(&assignment.value);
                }
                self.expr(&assignment.value);
            }
            StatementKind::Augment { value, .. } => self.expr(value),
            StatementKind::Function(function) => self.function(function),
            StatementKind::Class(class) => self.block(&class.body),
            StatementKind::If { branches, otherwise } => {
                for (test, body) in branches {
                    self.now_and_then(test, body);
                    self.expr(test);
                    self.block(body);
                }
                self.block(otherwise);
            }
            StatementKind::For { target, items, body, otherwise } => {
                self.repeated(target, items, body);
                self.expr(items);
                self.loops += 1;
                self.blocks(&[body, otherwise]);
                self.loops -= 1;
            }
            StatementKind::While { body, .. } => {
                self.loops += 1;
                self.block(body);
                self.loops -= 1;
            }
            StatementKind::Match { cases, .. } => cases.iter().for_each(|case| self.block(&case.body)),
            StatementKind::With { items, body } => {
                for (item, _) in items {
                    self.expr(item);
                }
                self.block(body);
            }
            StatementKind::Try { body, otherwise, last } => self.blocks(&[body, otherwise, last]),
            StatementKind::Return(Some(value)) => {
                if is_loss(&self.inside) {
                    self.loss(value);
                }
                self.expr(value);
            }
            _ => {}
        }
    }

    fn function(&mut self, function: &Function) {
        let name = function.name.to_lowercase();
        if name.contains("wasserstein") {
            self.found.wasserstein.get_or_insert(function.line);
        }
        if name.contains("hinge") {
            self.found.hinge.get_or_insert(function.line);
        }
        self.mark_penalty(&name, function.line);
        let before = std::mem::replace(&mut self.inside, name);
        self.block(&function.body);
        self.inside = before;
    }

    fn mark_penalty(&mut self, name: &str, line: usize) {
        if name.contains("gradient_penalty")
            || name.contains("grad_penalty")
            || name.contains("lambda_gp")
            || name.contains("gp_weight")
            || name.contains("gradientpenalty")
        {
            self.found.penalty.get_or_insert(line);
        }
        if name == "r1"
            || ["r1_penalty", "r1_reg", "r1_gamma", "lambda_r1", "zero_centered_gradient"].iter().any(|sign| name.contains(sign))
        {
            self.found.r1.get_or_insert(line);
        }
    }

    /// A loss that is written out.
    fn loss(&mut self, value: &Expr) {
        let mut parts = Vec::new();
        terms(value, false, &mut parts);
        let means: Vec<(bool, &Expr)> = parts.iter().filter_map(|(minus, term)| Some((*minus, mean_of(term)?))).collect();
        let is_margin = |inside: &Expr| mentions(inside, &["relu", "maximum", "ReLU", "clamp", "min", "max", "minimum"]) && has_one(inside);
        if means.iter().any(|(_, inside)| is_margin(inside)) {
            self.found.hinge.get_or_insert(value.line);
            return;
        }
        let is_square = |inside: &Expr| {
            let is_power = matches!(&inside.kind, ExprKind::Binary(Binary::Power, _, two) if number(two) == Some(2.0));
            (is_power || matches!(&inside.kind, ExprKind::Call { .. } if mentions(inside, &["square", "pow", "squared_difference"])))
                && !mentions(inside, &["norm", "grad", "grads", "gradients", "gradient", "sqrt", "slopes"])
        };
        if means.iter().any(|(_, inside)| is_square(inside)) {
            self.found.squares.get_or_insert(value.line);
            return;
        }
        if means.iter().any(|(_, inside)| mentions(inside, &["softplus", "log", "logsigmoid", "log_sigmoid"])) {
            self.found.logistic.get_or_insert(value.line);
            return;
        }
        let is_plain = |inside: &Expr| {
            let other = ["log", "relu", "softplus", "square", "pow", "abs", "cross_entropy", "sigmoid", "norm", "exp", "MSELoss", "losses"];
            !mentions(inside, &other)
                && matches!(inside.kind, ExprKind::Name(_) | ExprKind::Call { .. } | ExprKind::Attribute(..) | ExprKind::Index(..))
        };
        let plain: Vec<bool> = means.iter().filter(|(_, inside)| is_plain(inside)).map(|(minus, _)| *minus).collect();
        let differs = plain.contains(&true) && plain.contains(&false);
        // `-mean(D(fake))` alone is the generator's part.
        let is_lonely_minus = parts.len() == 1 && plain == [true];
        if differs || is_lonely_minus {
            self.found.wasserstein.get_or_insert(value.line);
        }
    }

    /// A loop in which the discriminator learns and the generator does not.
    fn repeated(&mut self, target: &Expr, items: &Expr, body: &Block) {
        let ExprKind::Call { callee, arguments } = &items.kind else { return };
        let name = last_name(target).to_lowercase();
        // Loops over the data run outside of those over steps.
        let is_inner = self.loops > 0 && !name.contains("epoch") || name.starts_with('_');
        if is_inner
            && last_name(callee) == "range"
            && let [end] = arguments.as_slice()
            && updates::of(body) == [false, true]
        {
            self.found.critic_steps = self.found.critic_steps.take().or_else(|| amount(&end.value));
        }
    }

    /// `if step % n == 0`, where the generator learns and the discriminator does not.
    fn now_and_then(&mut self, test: &Expr, body: &Block) {
        let ExprKind::Compare(first, rest) = &test.kind else { return };
        if let ExprKind::Binary(Binary::Remainder, _, every) = &first.kind
            && matches!(rest.as_slice(), [(Comparison::Equal, zero)] if number(zero) == Some(0.0))
            && updates::of(body) == [true, false]
        {
            self.found.critic_steps = self.found.critic_steps.take().or_else(|| amount(every));
        }
    }

    /// Latent vectors that are drawn evenly.
    fn latents(&mut self, name: &str, value: &Expr) {
        let is_latent = ["noise", "latent"].iter().any(|part| name.contains(part)) || matches!(name, "z" | "seed");
        if is_latent && mentions(value, &["rand", "uniform", "rand_like"]) && !self.found.uniform_latents {
            let from_minus_one = has_number(value, -1.0) || has_number(value, 2.0) && has_one(value);
            match from_minus_one {
                true => self.found.uniform_latents = true,
                false => drop(self.found.unit_latents.get_or_insert(value.line)),
            }
        }
    }

    /// Looks at an expression and what is in it.
    fn expr(&mut self, expr: &Expr) {
        if let ExprKind::Call { callee, arguments } = &expr.kind {
            let name = last_name(callee);
            self.mark_penalty(&name.to_lowercase(), expr.line);
            let batch = arguments.iter().find(|argument| argument.name.as_deref() == Some("batch_size"));
            let batch = batch.or(if name == "batch" { arguments.first() } else { None });
            if self.found.batch.is_none() {
                self.found.batch = batch.and_then(|argument| amount(&argument.value));
            }
            match name.as_str() {
                "clamp_" | "clamp" | "clip" | "clip_by_value" => {
                    if let Some(bound) = symmetric(arguments) {
                        self.found.clip.get_or_insert((expr.line, bound));
                    }
                }
                "ClipConstraint" | "WeightClip" => {
                    let bound = arguments.first().and_then(|argument| number(&argument.value));
                    self.found.clip.get_or_insert((expr.line, bound));
                }
                "uniform" | "random_uniform" | "uniform_" => {
                    let from_minus_one = arguments.iter().any(|argument| number(&argument.value) == Some(-1.0));
                    let to_one = arguments.iter().any(|argument| number(&argument.value) == Some(1.0));
                    self.found.uniform_latents |= from_minus_one && to_one;
                }
                _ => {}
            }
        }
        children(expr, &mut |child| self.expr(child));
    }
}

fn is_loss(name: &str) -> bool {
    name.contains("loss") || name.contains("err") || name.contains("critic") || name.contains("wasserstein") || name.contains("hinge")
}

/// What is added and subtracted, with its sign.
fn terms<'a>(expr: &'a Expr, minus: bool, found: &mut Vec<(bool, &'a Expr)>) {
    match &expr.kind {
        ExprKind::Binary(Binary::Add, left, right) => {
            terms(left, minus, found);
            terms(right, minus, found);
        }
        ExprKind::Binary(Binary::Subtract, left, right) => {
            terms(left, minus, found);
            terms(right, !minus, found);
        }
        ExprKind::Unary(Unary::Minus, value) => terms(value, !minus, found),
        // A fixed factor changes no loss.
        ExprKind::Binary(Binary::Multiply, factor, value) if number(factor).is_some() => terms(value, minus, found),
        ExprKind::Binary(Binary::Multiply | Binary::Divide, value, factor) if number(factor).is_some() => terms(value, minus, found),
        _ => found.push((minus, expr)),
    }
}

/// What the mean is taken of, as a function or a method.
fn mean_of(expr: &Expr) -> Option<&Expr> {
    let ExprKind::Call { callee, arguments } = &expr.kind else { return None };
    let name = last_name(callee);
    if name != "mean" && name != "reduce_mean" {
        return None;
    }
    let is_module = |expr: &Expr| matches!(&expr.kind, ExprKind::Name(name) if matches!(name.as_str(), "torch" | "tf" | "K" | "np" | "backend" | "ops"));
    match &callee.kind {
        ExprKind::Attribute(value, _) if !is_module(value) && !matches!(value.kind, ExprKind::Attribute(..)) => Some(value),
        _ => arguments.first().map(|argument| &argument.value),
    }
}

/// The last name in `a.b.c`.
pub fn last_name(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Name(name) | ExprKind::Attribute(_, name) => name.clone(),
        ExprKind::Call { callee, .. } => last_name(callee),
        _ => String::new(),
    }
}

fn mentions(expr: &Expr, words: &[&str]) -> bool {
    let own = match &expr.kind {
        ExprKind::Name(name) | ExprKind::Attribute(_, name) => {
            words.contains(&name.as_str()) || words.iter().any(|word| word.len() > 6 && name.contains(word))
        }
        _ => false,
    };
    let mut found = own;
    children(expr, &mut |child| found |= mentions(child, words));
    found
}

fn has_one(expr: &Expr) -> bool {
    has_number(expr, 1.0)
}

fn has_number(expr: &Expr, wanted: f64) -> bool {
    let mut found = number(expr) == Some(wanted);
    children(expr, &mut |child| found |= has_number(child, wanted));
    found
}

/// A whole number, or the name of one.
fn amount(expr: &Expr) -> Option<Amount> {
    match number(expr) {
        Some(number) if number > 0.0 && number.fract() == 0.0 => Some(Amount::Number(number as i64)),
        Some(_) => None,
        None => match &expr.kind {
            ExprKind::Name(name) | ExprKind::Attribute(_, name) => Some(Amount::Named(name.clone())),
            ExprKind::Index(_, key) => match &key.kind {
                ExprKind::Constant(Constant::Text(name)) => Some(Amount::Named(name.clone())),
                _ => None,
            },
            _ => None,
        },
    }
}

/// Is something kept between `-bound` and `bound`? And to which number, where one is written there.
fn symmetric(arguments: &[Argument]) -> Option<Option<f64>> {
    arguments.windows(2).find_map(|pair| {
        let [low, high] = pair else { return None };
        let (low, high) = (&low.value, &high.value);
        if let (Some(low), Some(high)) = (number(low), number(high)) {
            return (high > 0.0 && (low + high).abs() < 1e-9).then_some(Some(high));
        }
        let named = |expr: &Expr, ends: &[&str]| {
            let name = last_name(expr).to_lowercase();
            ends.iter().find_map(|end| name.strip_suffix(end).map(str::to_owned))
        };
        if let (Some(low), Some(high)) = (named(low, &["lower", "low", "min"]), named(high, &["upper", "high", "max"])) {
            return (low == high && !low.is_empty()).then_some(None);
        }
        let ExprKind::Unary(Unary::Minus, low) = &low.kind else { return None };
        (last_name(low) == last_name(high) && !last_name(high).is_empty()).then_some(None)
    })
}

/// The number that stands there.
fn number(expr: &Expr) -> Option<f64> {
    match &expr.kind {
        ExprKind::Constant(Constant::Int(value)) => Some(*value as f64),
        ExprKind::Constant(Constant::Float(value)) => Some(*value),
        ExprKind::Unary(Unary::Minus, value) => number(value).map(|value| -value),
        _ => None,
    }
}

/// Calls `visit` with everything directly in an expression.
pub fn children(expr: &Expr, visit: &mut dyn FnMut(&Expr)) {
    match &expr.kind {
        ExprKind::Name(_) | ExprKind::Constant(_) | ExprKind::Broken(_) => {}
        ExprKind::Lambda(function) => {
            for statement in &function.body {
                if let StatementKind::Return(Some(value)) = &statement.kind {
                    visit(value);
                }
            }
        }
        ExprKind::Format(items) | ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::And(items) | ExprKind::Or(items) => {
            items.iter().for_each(visit);
        }
        ExprKind::Dict(entries) => entries.iter().for_each(|(_, value)| visit(value)),
        ExprKind::Comprehension { item, clauses, .. } => {
            visit(item);
            clauses.iter().for_each(|clause| visit(&clause.items));
        }
        ExprKind::Attribute(value, _)
        | ExprKind::Unary(_, value)
        | ExprKind::Star(value)
        | ExprKind::Named(_, value)
        | ExprKind::Yield(value, _) => visit(value),
        ExprKind::Index(value, index) => [value, index].into_iter().for_each(|part| visit(part)),
        ExprKind::Slice(start, stop, step) => [start, stop, step].into_iter().flatten().for_each(|part| visit(part)),
        ExprKind::Call { callee, arguments } => {
            visit(callee);
            arguments.iter().for_each(|argument| visit(&argument.value));
        }
        ExprKind::Binary(_, left, right) => [left, right].into_iter().for_each(|part| visit(part)),
        ExprKind::Compare(first, rest) => {
            visit(first);
            rest.iter().for_each(|(_, value)| visit(value));
        }
        ExprKind::If { test, then, otherwise } => [test, then, otherwise].into_iter().for_each(|part| visit(part)),
    }
}
