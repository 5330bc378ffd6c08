//! Norms, noise and nonlinearities: what treats all values alike, or has a few numbers for each channel.

use super::Network;
use super::expression::Expression;
use crate::code::write::python::number;
use crate::code::write::{Holder, Transform};
use crate::spec::{Layer, LayerId, Shape};

impl Network {
    pub(super) fn normalisation(&mut self, id: LayerId, layer: &Layer) {
        let (Shape { channels, .. }, was_flat) = (self.at.shape, self.at.flat);
        let config = |kind: &str, arguments: String| Expression::new(format!("{kind}Config::new({arguments})"));
        let epsilon = |config: Expression, epsilon: f32| config.unless(&1e-5, &epsilon, "with_epsilon", number(epsilon));
        let (kind, config, transform) = match *layer {
            Layer::BatchNorm { momentum, epsilon: eps } => {
                let config = epsilon(config("BatchNorm", channels.to_string()), eps);
                ("BatchNorm", config.unless(&0.1, &momentum, "with_momentum", number(momentum)), Transform::Same)
            }
            Layer::LayerNorm { epsilon: eps } => {
                // Burn's goes along the last dimension alone.
                self.flatten();
                let config = epsilon(config("LayerNorm", self.at.shape.values().to_string()), eps);
                ("LayerNorm", config, Transform::Each(self.at.shape))
            }
            Layer::InstanceNorm { epsilon: eps, affine } => {
                let config = epsilon(config("InstanceNorm", channels.to_string()), eps);
                ("InstanceNorm", config.unless(&true, &affine, "with_affine", affine), Transform::Same)
            }
            Layer::GroupNorm { groups, epsilon: eps } => {
                ("GroupNorm", epsilon(config("GroupNorm", format!("{groups}, {channels}")), eps), Transform::Same)
            }
            _ => return self.disturbance(layer),
        };
        self.import("", kind);
        let made = config.call("init", "device");
        if layer.has_weights() {
            self.holding("norm", kind, made, Holder::new(id, transform));
        } else {
            self.field("norm", kind, made);
        }
        if !was_flat {
            self.unflatten();
        }
    }

    /// Norms and noise without weights.
    fn disturbance(&mut self, layer: &Layer) {
        match *layer {
            // A vector's channels have one value each.
            Layer::SpatialDropout { rate } if !self.at.flat => {
                self.piece("spatial_dropout", "SpatialDropout");
                self.field("dropout", "SpatialDropout", Expression::new(format!("SpatialDropout::new({})", number(rate))));
            }
            Layer::Dropout { rate } | Layer::SpatialDropout { rate } => {
                self.import("", "Dropout");
                self.field("dropout", "Dropout", Expression::new(format!("DropoutConfig::new({})", number(rate))).call("init", ""));
            }
            Layer::GaussianNoise { deviation } => {
                self.import("", "GaussianNoise");
                let config = Expression::new(format!("GaussianNoiseConfig::new({})", number(deviation)));
                self.field("noise", "GaussianNoise", config.call("init", ""));
            }
            Layer::PixelNorm { epsilon } => {
                self.piece("pixel_norm", "PixelNorm");
                self.field("norm", "PixelNorm", Expression::new(format!("PixelNorm::new({})", number(epsilon))));
            }
            Layer::MinibatchStdDev { group } => {
                self.piece("minibatch", "MinibatchStdDev");
                self.field("deviation", "MinibatchStdDev", Expression::new(format!("MinibatchStdDev::new({group})")));
            }
            _ => {}
        }
    }

    pub(super) fn activation(&mut self, id: LayerId, layer: &Layer) {
        match *layer {
            Layer::LeakyRelu { slope } => {
                self.import("", "LeakyRelu");
                let config = Expression::new("LeakyReluConfig::new()").unless(&0.01, &slope, "with_negative_slope", number(slope));
                self.field("leaky_relu", "LeakyRelu", config.call("init", ""));
            }
            Layer::Elu { alpha } => {
                self.import("", "Elu");
                let config = Expression::new("EluConfig::new()").unless(&1.0, &alpha, "with_alpha", number(alpha));
                self.field("elu", "Elu", config.call("init", ""));
            }
            Layer::PRelu { slope, per_channel } => {
                self.import("", "PRelu");
                let slopes = if per_channel { self.at.shape.channels } else { 1 };
                let config = Expression::new("PReluConfig::new()").unless(&1, &slopes, "with_num_parameters", slopes);
                let config = config.unless(&0.25, &slope, "with_alpha", number(slope)).call("init", "device");
                let transform = Transform::Slopes { picture: !self.at.flat };
                self.holding("prelu", "PRelu", config, Holder::new(id, transform));
            }
            Layer::Gelu => self.function("gelu", ""),
            Layer::Silu => self.function("silu", ""),
            Layer::Mish => self.function("mish", ""),
            Layer::Tanh => self.function("tanh", ""),
            Layer::Sigmoid => self.function("sigmoid", ""),
            Layer::Softplus => self.function("softplus", ", 1.0"),
            Layer::Softmax => self.function("softmax", ", 1"),
            _ => self.function("relu", ""),
        }
    }
}
