//! The names of the layers, sorted as they are offered when one is added.

use super::layer::{Layer, UpsampleMode};
use super::shape::{Padding, Shape, Size};

/// What a layer is for; the headings of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Has weights that mix values.
    Weighted,
    /// Changes the size or the arrangement.
    Shape,
    /// Keeps values in a healthy range, or disturbs them while training.
    Normalisation,
    /// Bends: the nonlinearities.
    Activation,
}

impl Family {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Weighted, Self::Shape, Self::Normalisation, Self::Activation];

    /// As shown to people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Weighted => "Weighted",
            Self::Shape => "Size and shape",
            Self::Normalisation => "Normalisation and noise",
            Self::Activation => "Activations",
        }
    }
}

/// One line of the catalogue.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The layer with its usual parameters.
    pub layer: Layer,
    /// The heading it stands under.
    pub family: Family,
    /// What it does, in one sentence.
    pub sentence: &'static str,
    /// Other words people look for it by.
    pub also: &'static str,
}

impl Entry {
    /// Does `query`, typed by a person, mean this layer? An empty query means all.
    pub fn matches(&self, query: &str) -> bool {
        let text = format!("{} {} {} {}", self.layer.name(), self.family.name(), self.also, self.sentence).to_lowercase();
        query.to_lowercase().split_whitespace().all(|word| text.contains(word))
    }
}

/// Every kind of layer once, in the order it is offered.
pub fn catalogue() -> Vec<Entry> {
    use Family::{Activation, Normalisation, Shape as Size_, Weighted};
    let entry = |layer, family, sentence, also| Entry { layer, family, sentence, also };
    let two = Size::square(2);
    vec![
        entry(Layer::dense(128), Weighted, "Every output is a weighted sum of every input.", "linear fully connected"),
        entry(Layer::conv(64, 3, 1, 1), Weighted, "The same small filters at every place of the picture.", "convolution convolutional"),
        entry(
            Layer::conv_transpose(64, 4, 2, 1),
            Weighted,
            "Enlarges: every value stamps a learned filter.",
            "deconvolution transposed convolution",
        ),
        entry(
            Layer::Upsample { factor: two, mode: UpsampleMode::Nearest },
            Size_,
            "Enlarges without weights.",
            "resize interpolate upsampling",
        ),
        entry(
            Layer::MaxPool { size: two, stride: two, padding: Padding::Valid },
            Size_,
            "Keeps the largest value of each window.",
            "pooling downsample",
        ),
        entry(
            Layer::AvgPool { size: two, stride: two, padding: Padding::Valid },
            Size_,
            "Keeps the mean of each window.",
            "pooling average downsample",
        ),
        entry(Layer::GlobalAvgPool, Size_, "The mean of each channel, as a vector.", "pooling average global"),
        entry(Layer::Reshape { shape: Shape::new(128, 7, 7) }, Size_, "The same values in another shape.", "unflatten view"),
        entry(Layer::Flatten, Size_, "The same values as one vector.", "reshape view"),
        entry(Layer::batch_norm(), Normalisation, "Normalises each channel over the batch.", "batch normalization bn"),
        entry(Layer::LayerNorm { epsilon: 1e-5 }, Normalisation, "Normalises each sample over all its values.", "layer normalization ln"),
        entry(Layer::Dropout { rate: 0.3 }, Normalisation, "Sets values to zero at random while training.", "regularisation noise"),
        entry(Layer::Relu, Activation, "Keeps what is positive.", "rectifier"),
        entry(Layer::leaky_relu(), Activation, "Keeps what is positive, and a little of what is not.", "rectifier lrelu"),
        entry(Layer::Elu { alpha: 1.0 }, Activation, "Like ReLU, with a smooth floor below zero.", "exponential linear"),
        entry(Layer::Gelu, Activation, "A smooth ReLU, weighted by the normal distribution.", "gaussian"),
        entry(Layer::Silu, Activation, "A smooth ReLU: x times its sigmoid.", "swish"),
        entry(Layer::Tanh, Activation, "Squashes into -1 to 1, the range of the data.", "hyperbolic tangent"),
        entry(Layer::Sigmoid, Activation, "Squashes into 0 to 1, a probability.", "logistic"),
        entry(Layer::Softplus, Activation, "A smooth ReLU that is never zero.", ""),
    ]
}

impl Layer {
    /// The name of the kind, in the field's words.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Dense { .. } => "Dense",
            Self::Conv2d { .. } => "Conv2d",
            Self::ConvTranspose2d { .. } => "ConvTranspose2d",
            Self::Upsample { .. } => "Upsample",
            Self::MaxPool { .. } => "MaxPool",
            Self::AvgPool { .. } => "AvgPool",
            Self::GlobalAvgPool => "GlobalAvgPool",
            Self::Reshape { .. } => "Reshape",
            Self::Flatten => "Flatten",
            Self::BatchNorm { .. } => "BatchNorm",
            Self::LayerNorm { .. } => "LayerNorm",
            Self::Dropout { .. } => "Dropout",
            Self::Relu => "ReLU",
            Self::LeakyRelu { .. } => "LeakyReLU",
            Self::Elu { .. } => "ELU",
            Self::Gelu => "GELU",
            Self::Silu => "SiLU",
            Self::Tanh => "Tanh",
            Self::Sigmoid => "Sigmoid",
            Self::Softplus => "Softplus",
            Self::Gap { .. } => "Not read",
        }
    }

    /// What it is for.
    pub const fn family(&self) -> Family {
        match self {
            Self::Dense { .. } | Self::Conv2d { .. } | Self::ConvTranspose2d { .. } => Family::Weighted,
            Self::Upsample { .. }
            | Self::MaxPool { .. }
            | Self::AvgPool { .. }
            | Self::GlobalAvgPool
            | Self::Reshape { .. }
            | Self::Flatten
            | Self::Gap { .. } => Family::Shape,
            Self::BatchNorm { .. } | Self::LayerNorm { .. } | Self::Dropout { .. } => Family::Normalisation,
            Self::Relu
            | Self::LeakyRelu { .. }
            | Self::Elu { .. }
            | Self::Gelu
            | Self::Silu
            | Self::Tanh
            | Self::Sigmoid
            | Self::Softplus => Family::Activation,
        }
    }

    /// The main parameters in a few characters, for a card that is folded: `64, 4 × 4, stride 2`.
    pub fn summary(&self) -> String {
        let stride_text = |stride: &Size| match (stride.height, stride.width) {
            (1, 1) => String::new(),
            (h, w) if h == w => format!(", stride {h}"),
            _ => format!(", stride {stride}"),
        };
        match self {
            Self::Dense { units, .. } => units.to_string(),
            Self::Conv2d { filters, kernel, stride, .. } | Self::ConvTranspose2d { filters, kernel, stride, .. } => {
                format!("{filters}, {kernel}{}", stride_text(stride))
            }
            Self::Upsample { factor, mode } => format!("{factor} {}", mode.name()),
            Self::MaxPool { size, stride, .. } | Self::AvgPool { size, stride, .. } => format!("{size}{}", stride_text(stride)),
            Self::Reshape { shape } => shape.to_string(),
            Self::Dropout { rate } => rate.to_string(),
            Self::LeakyRelu { slope } => slope.to_string(),
            Self::Elu { alpha } => alpha.to_string(),
            Self::Gap { source, .. } => source.clone(),
            _ => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_layer_is_offered_once_and_fits_its_family() {
        let entries = catalogue();
        let names: HashSet<&str> = entries.iter().map(|entry| entry.layer.name()).collect();
        assert_eq!(names.len(), entries.len());
        assert_eq!(names.len(), 20);
        for Entry { layer, family, .. } in &entries {
            assert_eq!(layer.family(), *family, "{}", layer.name());
        }
    }

    #[test]
    fn usual_parameters_are_within_their_ranges() {
        for entry in catalogue() {
            let mut layer = entry.layer;
            let name = layer.name();
            for field in layer.fields() {
                assert_eq!(field.fault(), None, "{name}");
                assert!(!field.help.is_empty() && !field.value_text().is_empty(), "{name}, {}", field.name);
            }
        }
    }

    #[test]
    fn layers_survive_a_file() {
        for entry in catalogue() {
            let text = serde_json::to_string(&entry.layer).unwrap();
            assert_eq!(serde_json::from_str::<Layer>(&text).unwrap(), entry.layer, "{text}");
        }
        assert!(serde_json::from_str::<Layer>(r#"{"kind":"dropout","rate":0.2,"seed":1}"#).is_err(), "an unknown parameter is an error");
    }

    #[test]
    fn layers_are_found_by_the_words_of_other_libraries() {
        let found = |query: &str| -> Vec<&str> {
            catalogue().iter().filter(|entry| entry.matches(query)).map(|entry| entry.layer.name()).collect()
        };
        assert_eq!(found("linear fully"), ["Dense"]);
        assert_eq!(found("deconvolution"), ["ConvTranspose2d"]);
        assert_eq!(found("SWISH"), ["SiLU"]);
        assert_eq!(found("no such thing"), [""; 0]);
        assert_eq!(found("").len(), 20);
    }

    #[test]
    fn summaries_say_the_main_thing() {
        assert_eq!(Layer::conv(64, 4, 2, 1).summary(), "64, 4 × 4, stride 2");
        assert_eq!(Layer::conv(64, 3, 1, 1).summary(), "64, 3 × 3");
        assert_eq!(Layer::Reshape { shape: Shape::new(128, 7, 7) }.summary(), "128 × 7 × 7");
        assert_eq!(Layer::Flatten.summary(), "");
    }
}
