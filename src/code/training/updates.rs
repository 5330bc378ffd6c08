//! Which networks take a step in a stretch of code.

use super::patterns::{children, last_name};
use crate::code::networks::role_of;
use crate::code::python::{Block, Expr, ExprKind, Statement, StatementKind};
use crate::spec::Role;

/// Does the generator take a step? And the discriminator?
pub fn of(block: &Block) -> [bool; 2] {
    let mut found = [false; 2];
    in_block(block, &mut found);
    found
}

fn in_block(block: &Block, found: &mut [bool; 2]) {
    for statement in block {
        in_statement(statement, found);
    }
}

fn in_statement(statement: &Statement, found: &mut [bool; 2]) {
    match &statement.kind {
        StatementKind::Expression(expr) | StatementKind::Return(Some(expr)) => in_expr(expr, found),
        StatementKind::Assign(assignment) => in_expr(&assignment.value, found),
        StatementKind::Augment { value, .. } => in_expr(value, found),
        StatementKind::If { branches, otherwise } => {
            branches.iter().for_each(|(_, body)| in_block(body, found));
            in_block(otherwise, found);
        }
        StatementKind::For { body, otherwise, .. } => {
            in_block(body, found);
            in_block(otherwise, found);
        }
        StatementKind::While { body, .. } | StatementKind::With { body, .. } => in_block(body, found),
        StatementKind::Try { body, otherwise, last } => [body, otherwise, last].into_iter().for_each(|body| in_block(body, found)),
        _ => {}
    }
}

fn in_expr(expr: &Expr, found: &mut [bool; 2]) {
    if let ExprKind::Call { callee, arguments } = &expr.kind {
        let name = last_name(callee);
        let whose = match (&callee.kind, name.as_str()) {
            // `scaler.step(optimiser)` names it in brackets.
            (ExprKind::Attribute(holder, _), "step" | "apply_gradients" | "apply" | "train_on_batch" | "minimize") => {
                let named = arguments.first().map(|argument| last_name(&argument.value)).filter(|_| name == "step");
                role_of(&last_name(holder)).or_else(|| role_of(&named?))
            }
            _ if name.contains("train") && name.contains("step") => role_of(&name),
            _ => None,
        };
        match whose {
            Some(Role::Generator) => found[0] = true,
            Some(Role::Discriminator) => found[1] = true,
            // The whole of both is trained for the generator.
            None if name == "train_on_batch" => found[0] = true,
            None => {}
        }
    }
    children(expr, &mut |child| in_expr(child, found));
}
