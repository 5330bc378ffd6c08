//! The catalogue: the layers as they are offered when one is added, with what there is to say about each.

use super::kind::Family;
use super::layer::{Layer, Resample, UpsampleMode};
use super::shape::{Padding, Shape, Size};

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
    /// Where to read more.
    pub link: Link,
}

/// A page about a kind of layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The paper's authors and year, or whose documentation it is.
    pub words: &'static str,
    /// Its address.
    pub url: &'static str,
}

/// What there is to say about one parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// In the field's words.
    pub name: &'static str,
    /// What it does, in a sentence.
    pub help: &'static str,
    /// What it may be, with its unit.
    pub range: String,
    /// What it is unless somebody changes it.
    pub usual: String,
}

impl Entry {
    /// The entry of this kind of layer; none for [`Layer::Gap`], which is not offered.
    pub fn of(layer: &Layer) -> Option<Self> {
        catalogue().into_iter().find(|entry| entry.layer.name() == layer.name())
    }

    /// Does `query`, typed by a person, mean this layer? An empty query means all.
    pub fn matches(&self, query: &str) -> bool {
        let text = format!("{} {} {} {}", self.layer.name(), self.family.name(), self.also, self.sentence).to_lowercase();
        query.to_lowercase().split_whitespace().all(|word| text.contains(word))
    }

    /// Its parameters, in the order they are shown.
    pub fn parameters(&self) -> Vec<Parameter> {
        let mut layer = self.layer.clone();
        let parameter = |field: super::fields::Field<'_>| Parameter {
            name: field.name,
            help: field.help,
            range: field.range_text(),
            usual: field.value_text(),
        };
        layer.fields().into_iter().map(parameter).collect()
    }
}

macro_rules! arxiv {
    ($words:literal, $number:literal) => {
        Link { words: $words, url: concat!("https://arxiv.org/abs/", $number) }
    };
}

macro_rules! torch {
    ($name:literal) => {
        Link {
            words: concat!("PyTorch: ", $name),
            url: concat!("https://docs.pytorch.org/docs/stable/generated/torch.nn.", $name, ".html"),
        }
    };
}

macro_rules! keras {
    ($page:literal) => {
        Link { words: "Keras's page", url: concat!("https://keras.io/api/layers/", $page, "/") }
    };
}

/// Every kind of layer once, in the order it is offered.
pub fn catalogue() -> Vec<Entry> {
    [mixing(), shaping(), keeping_in_range(), bending()].concat()
}

/// One line of a family.
type Line = (Layer, &'static str, &'static str, Link);

fn of_family<const N: usize>(family: Family, lines: [Line; N]) -> Vec<Entry> {
    lines.map(|(layer, sentence, also, link)| Entry { layer, family, sentence, also, link }).into()
}

/// Layers whose weights mix values.
fn mixing() -> Vec<Entry> {
    of_family(
        Family::Weighted,
        [
            (Layer::dense(128), "Every output is a weighted sum of every input.", "linear fully connected", torch!("Linear")),
            (
                Layer::conv(64, 3, 1, 1),
                "The same small filters at every place of the picture.",
                "convolution convolutional conv1d",
                torch!("Conv2d"),
            ),
            (
                Layer::conv_transpose(64, 4, 2, 1),
                "Enlarges: every value stamps a learned filter.",
                "deconvolution transposed convolution",
                torch!("ConvTranspose2d"),
            ),
            (
                Layer::depthwise(1, 3, 1),
                "Filters that look at one channel each, which is cheap.",
                "convolution channelwise mobilenet",
                keras!("convolution_layers/depthwise_convolution2d"),
            ),
            (
                Layer::separable(64, 3, 1),
                "A depthwise convolution, then a mix of its channels: nearly a convolution, for a fraction of the cost.",
                "xception mobilenet",
                arxiv!("Chollet, 2016", "1610.02357"),
            ),
            (
                Layer::residual(64, Resample::None),
                "Two convolutions with a shortcut past them, which keeps deep networks trainable.",
                "resnet block skip sngan wgan-gp up down",
                arxiv!("Miyato et al., 2018", "1802.05957"),
            ),
            (
                Layer::self_attention(),
                "Every place looks at all others, so that far parts of a picture fit together.",
                "sagan non-local attention transformer",
                arxiv!("Zhang et al., 2018", "1805.08318"),
            ),
        ],
    )
}

/// Layers that change the size or the arrangement.
fn shaping() -> Vec<Entry> {
    let two = Size::square(2);
    of_family(
        Family::Shape,
        [
            (
                Layer::Upsample { factor: two, mode: UpsampleMode::Nearest },
                "Enlarges without weights.",
                "resize interpolate upsampling",
                torch!("Upsample"),
            ),
            (
                Layer::PixelShuffle { factor: 2 },
                "Enlarges by turning channels into rows and columns.",
                "sub-pixel depth to space upsample",
                arxiv!("Shi et al., 2016", "1609.05158"),
            ),
            (
                Layer::ZeroPadding2d { top: 1, bottom: 1, left: 1, right: 1 },
                "Adds rows and columns of zeros at the border.",
                "pad zeropad2d padding",
                keras!("reshaping_layers/zero_padding2d"),
            ),
            (
                Layer::Cropping2d { top: 1, bottom: 1, left: 1, right: 1 },
                "Cuts rows and columns off the border.",
                "crop trim",
                keras!("reshaping_layers/cropping2d"),
            ),
            (
                Layer::MaxPool { size: two, stride: two, padding: Padding::Valid },
                "Keeps the largest value of each window.",
                "pooling downsample",
                torch!("MaxPool2d"),
            ),
            (
                Layer::AvgPool { size: two, stride: two, padding: Padding::Valid },
                "Keeps the mean of each window.",
                "pooling average downsample",
                torch!("AvgPool2d"),
            ),
            (
                Layer::GlobalAvgPool,
                "The mean of each channel, as a vector.",
                "pooling average global",
                arxiv!("Lin et al., 2013", "1312.4400"),
            ),
            (
                Layer::GlobalMaxPool,
                "The largest value of each channel, as a vector.",
                "pooling maximum global",
                keras!("pooling_layers/global_max_pooling2d"),
            ),
            (Layer::Reshape { shape: Shape::new(128, 7, 7) }, "The same values in another shape.", "unflatten view", torch!("Unflatten")),
            (Layer::Flatten, "The same values as one vector.", "reshape view", torch!("Flatten")),
        ],
    )
}

/// Layers that keep values in a healthy range, or disturb them while training.
fn keeping_in_range() -> Vec<Entry> {
    of_family(
        Family::Normalisation,
        [
            (
                Layer::batch_norm(),
                "Normalises each channel over the batch.",
                "batch normalization bn",
                arxiv!("Ioffe and Szegedy, 2015", "1502.03167"),
            ),
            (
                Layer::LayerNorm { epsilon: 1e-5 },
                "Normalises each sample over all its values.",
                "layer normalization ln",
                arxiv!("Ba et al., 2016", "1607.06450"),
            ),
            (
                Layer::InstanceNorm { epsilon: 1e-5, affine: false },
                "Normalises each channel of each sample over its places.",
                "instance normalization style",
                arxiv!("Ulyanov et al., 2016", "1607.08022"),
            ),
            (
                Layer::GroupNorm { groups: 8, epsilon: 1e-5 },
                "Normalises groups of channels of each sample.",
                "group normalization gn",
                arxiv!("Wu and He, 2018", "1803.08494"),
            ),
            (
                Layer::PixelNorm { epsilon: 1e-8 },
                "Brings the channels at each place to the same length.",
                "pixelwise feature vector normalization progressive stylegan",
                arxiv!("Karras et al., 2018", "1710.10196"),
            ),
            (
                Layer::Dropout { rate: 0.3 },
                "Sets values to zero at random while training.",
                "regularisation noise",
                arxiv!("Hinton et al., 2012", "1207.0580"),
            ),
            (
                Layer::SpatialDropout { rate: 0.3 },
                "Sets whole channels to zero at random while training.",
                "dropout2d regularisation noise",
                arxiv!("Tompson et al., 2014", "1411.4280"),
            ),
            (
                Layer::GaussianNoise { deviation: 0.1 },
                "Adds normal noise while training.",
                "instance regularisation",
                keras!("regularization_layers/gaussian_noise"),
            ),
            (
                Layer::MinibatchStdDev { group: 4 },
                "Adds a channel that says how much the samples of a batch differ, against mode collapse.",
                "minibatch discrimination standard deviation progressive stylegan",
                arxiv!("Karras et al., 2018", "1710.10196"),
            ),
        ],
    )
}

/// Nonlinearities.
fn bending() -> Vec<Entry> {
    of_family(
        Family::Activation,
        [
            (Layer::Relu, "Keeps what is positive.", "rectifier", torch!("ReLU")),
            (Layer::leaky_relu(), "Keeps what is positive, and a little of what is not.", "rectifier lrelu", torch!("LeakyReLU")),
            (
                Layer::PRelu { slope: 0.25, per_channel: false },
                "A leaky ReLU that learns its slope.",
                "rectifier parametric",
                arxiv!("He et al., 2015", "1502.01852"),
            ),
            (
                Layer::Elu { alpha: 1.0 },
                "Like ReLU, with a smooth floor below zero.",
                "exponential linear",
                arxiv!("Clevert et al., 2015", "1511.07289"),
            ),
            (
                Layer::Gelu,
                "A smooth ReLU, weighted by the normal distribution.",
                "gaussian",
                arxiv!("Hendrycks and Gimpel, 2016", "1606.08415"),
            ),
            (Layer::Silu, "A smooth ReLU: x times its sigmoid.", "swish", arxiv!("Ramachandran et al., 2017", "1710.05941")),
            (Layer::Mish, "A smooth ReLU: x times the tanh of its softplus.", "", arxiv!("Misra, 2019", "1908.08681")),
            (Layer::Tanh, "Squashes into -1 to 1, the range of the data.", "hyperbolic tangent", torch!("Tanh")),
            (Layer::Sigmoid, "Squashes into 0 to 1, a probability.", "logistic", torch!("Sigmoid")),
            (Layer::Softplus, "A smooth ReLU that is never zero.", "", torch!("Softplus")),
            (
                Layer::Softmax,
                "Shares of one among the channels at each place.",
                "normalised exponential probability classes",
                torch!("Softmax"),
            ),
        ],
    )
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
        assert_eq!(names.len(), 37);
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
        assert_eq!(found("sagan"), ["SelfAttention"]);
        assert_eq!(found("dropout2d"), ["SpatialDropout"]);
        assert_eq!(found("depth to space"), ["PixelShuffle"]);
        assert_eq!(found("no such thing"), [""; 0]);
        assert_eq!(found("").len(), 37);
    }

    #[test]
    fn every_entry_says_where_to_read_more_and_what_its_parameters_may_be() {
        for entry in catalogue() {
            let name = entry.layer.name();
            let known =
                ["https://arxiv.org/abs/", "https://docs.pytorch.org/docs/stable/generated/torch.nn.", "https://keras.io/api/layers/"];
            assert!(known.iter().any(|start| entry.link.url.starts_with(start) && entry.link.url.len() > start.len()), "{name}");
            assert!(entry.sentence.ends_with('.') && !entry.link.words.is_empty(), "{name}");
            let mut names = HashSet::new();
            for parameter in entry.parameters() {
                assert!(names.insert(parameter.name), "{name} has {} twice", parameter.name);
                assert!(
                    parameter.help.ends_with('.') && !parameter.range.is_empty() && !parameter.usual.is_empty(),
                    "{name}: {parameter:?}"
                );
            }
        }
        let dense = Entry::of(&Layer::dense(3)).unwrap();
        assert_eq!((dense.parameters()[0].range.as_str(), dense.parameters()[0].usual.as_str()), ("1 to 1048576 values", "128"));
    }

    #[test]
    fn what_was_not_read_is_not_offered_and_survives_a_file() {
        let gap = Layer::Gap { source: "layers.Foo(3)".to_owned(), line: 12, reason: "no layer is called Foo".to_owned() };
        assert!(Entry::of(&gap).is_none());
        let text = serde_json::to_string(&gap).unwrap();
        assert_eq!(text, r#"{"kind":"gap","source":"layers.Foo(3)","line":12,"reason":"no layer is called Foo"}"#);
        assert_eq!(serde_json::from_str::<Layer>(&text).unwrap(), gap);
    }

    #[test]
    fn files_from_before_spectral_norm_are_read() {
        let text = r#"{"kind":"dense","units":8,"bias":true,"init":"glorot"}"#;
        let layer: Layer = serde_json::from_str(text).unwrap();
        assert_eq!(layer, Layer::dense(8).with_init(crate::spec::Init::Glorot));
        assert_eq!(serde_json::to_string(&layer).unwrap(), text, "and written so that an older version reads them");
        let normed = serde_json::to_string(&layer.with_spectral_norm()).unwrap();
        assert!(normed.ends_with(r#""spectral_norm":true}"#), "{normed}");
    }
}
