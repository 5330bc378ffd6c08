//! Whole scripts, in the styles that are around, and texts that are none.
//!
//! Scripts stand in `tests/scripts`, each with what has to be read of it in a file beside it (`.expected`), and with the number of
//! weights and the shapes that the library itself makes of it (`parameters.txt`, written by `parameters.py`).

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::random::{Purpose, stream};
use crate::spec::{Builtin, Shape, Size, Source, TUTORIAL, TrainSpec};

/// Cargo runs tests in the package's folder. Where that was at build time says nothing: builds are shared between checkouts.
const SCRIPTS: &str = "tests/scripts";

fn scripts() -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(SCRIPTS).unwrap().map(|entry| entry.unwrap().path()).collect();
    let is_script = |path: &PathBuf| {
        let known = path.extension().is_some_and(|ending| ["py", "md", "ipynb"].iter().any(|known| ending == *known));
        known && !path.ends_with("parameters.py") && !path.ends_with("README.md")
    };
    paths.retain(is_script);
    paths.sort();
    assert!(paths.len() >= 36, "the scripts were found");
    paths
}

fn read_file(path: &Path) -> Import {
    read(&fs::read_to_string(path).unwrap(), Format::of(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn python(text: &str) -> Import {
    read(text, Format::Python).unwrap()
}

/// Everything that was read, one line for each thing.
fn printed(import: &Import) -> String {
    let mut text = format!("{}\n", import.framework.name());
    for role in Role::BOTH {
        let stack = import.project.stack(role);
        writeln!(text, "{} of {}, {} weights", role.name(), stack.input, stack.cost().parameters).unwrap();
        for (layer, shape) in stack.layers.iter().zip(stack.shapes()) {
            let shape = shape.output().map_or_else(|| "?".to_owned(), |shape| shape.to_string());
            let settings: Vec<String> =
                layer.layer.clone().fields().iter().map(|field| format!("{} {}", field.name, field.value_text())).collect();
            let place = import.place(role, layer.id).unwrap();
            writeln!(text, "  {place}: {} [{}] -> {shape}", layer.layer.name(), settings.join(", ")).unwrap();
        }
    }
    let train = &import.project.train;
    let rules = train.regularisation;
    let named = [("clip", rules.clip), ("gradient penalty", rules.gradient_penalty), ("R1", rules.r1)];
    let bounds: String = named.into_iter().filter(|(_, value)| *value > 0.0).map(|(name, value)| format!(", {name} {value}")).collect();
    writeln!(
        text,
        "loss {:?}{bounds}, batch {}, stop {:?}, {} steps of D, {:?}",
        train.loss, train.batch_size, train.stop, train.d_steps_per_g_step, train.latent
    )
    .unwrap();
    for role in Role::BOTH {
        let optimiser = train.optimiser(role);
        writeln!(text, "{}: {} {:?}", role.name(), optimiser.learning_rate, optimiser.rule).unwrap();
    }
    for gap in import.gaps() {
        writeln!(text, "gap: {gap}").unwrap();
    }
    for remark in &import.remarks {
        writeln!(text, "remark: {remark}").unwrap();
    }
    for fault in import.project.faults() {
        writeln!(text, "fault: {fault}").unwrap();
    }
    text
}

/// `GANVAS_WRITE_EXPECTED=1` writes the files anew; what changes in them is then to be looked at line by line.
#[test]
fn scripts_are_read_as_expected() {
    for path in scripts() {
        let found = printed(&read_file(&path));
        let expected = path.with_extension("expected");
        if std::env::var_os("GANVAS_WRITE_EXPECTED").is_some() {
            fs::write(&expected, &found).unwrap();
        }
        assert_eq!(found, fs::read_to_string(&expected).unwrap(), "{}", path.display());
    }
}

/// What is pasted is a text of no kind: nothing of a script may be taken for sentences.
#[test]
fn scripts_are_read_alike_as_plain_text() {
    for path in scripts().into_iter().filter(|path| Format::of(path) == Format::Python) {
        let text = fs::read_to_string(&path).unwrap();
        let [pasted, script] = [Format::Text, Format::Python].map(|format| printed(&read(&text, format).unwrap()));
        assert_eq!(pasted, script, "{}", path.display());
    }
}

/// `[28, 28, 1]` as Keras has it, or `[1, 28, 28]` as PyTorch has it.
fn shape(text: &str, is_keras: bool) -> Option<Shape> {
    let sizes: Vec<usize> =
        text.trim_matches(['[', ']']).split(", ").filter(|size| !size.is_empty()).map(|size| size.parse().unwrap()).collect();
    match *sizes.as_slice() {
        // One value without an axis.
        [] => Some(Shape::vector(1)),
        [features] => Some(Shape::vector(features)),
        [height, width, channels] if is_keras => Some(Shape::new(channels, height, width)),
        [channels, height, width] => Some(Shape::new(channels, height, width)),
        _ => None,
    }
}

#[test]
fn networks_have_the_weights_and_shapes_that_their_libraries_give_them() {
    let table = fs::read_to_string(Path::new(SCRIPTS).join("parameters.txt")).unwrap();
    let mut compared = 0;
    for line in table.lines() {
        let mut words = line.splitn(4, ' ');
        let mut word = || words.next().unwrap();
        let (name, role, parameters, wanted) = (word(), word(), word().parse::<u64>().unwrap(), word());
        let role = if role == "generator" { Role::Generator } else { Role::Discriminator };
        let import = read_file(&Path::new(SCRIPTS).join(name));
        let stack = import.project.stack(role);
        // A gap, a layer that is recognised by its name alone, or what is said to be left out makes another network of it.
        let is_other = |layer: &Layer| matches!(layer, Layer::Gap { .. } | Layer::SelfAttention { .. });
        let is_less = |remark: &Remark| {
            remark.why.starts_with("a second input") && remark.what.ends_with(role.name())
                || remark.why.contains("past these layers, is left out")
                || remark.why.contains("the others are left out")
        };
        if stack.layers.iter().any(|layer| is_other(&layer.layer)) || import.remarks.iter().any(is_less) {
            assert!(stack.cost().parameters < parameters || import.gaps().is_empty(), "{name}, {}", role.name());
            continue;
        }
        assert_eq!(stack.cost().parameters, parameters, "{name}, {}", role.name());
        let output = stack.output_shape().unwrap();
        let wanted = shape(wanted, import.framework == Framework::Keras).unwrap();
        // Flat pictures are given their shape here.
        assert!(output == wanted || (wanted.is_vector() && wanted.values() == output.values()), "{name}: {output} and {wanted}");
        compared += 1;
    }
    assert!(compared >= 52, "{compared} networks were compared");
}

#[test]
fn what_has_no_gaps_and_pictures_to_train_on_can_be_trained() {
    for name in
        ["keras_dcgan_tutorial", "keras_functional_class", "keras_define_functions", "keras_points", "torch_dcgan_example", "torch_flat"]
    {
        let import = read_file(&Path::new(SCRIPTS).join(name).with_extension("py"));
        assert_eq!(import.project.faults(), [], "{name}");
        assert_eq!(import.gaps(), [], "{name}");
    }
}

/// The text that the first project was made for, where it is beside the repository: as printed, faults included.
#[test]
fn the_tutorial_is_read_as_it_is_printed() {
    let path = Path::new("../shared/seed/tutorial.md");
    let Ok(text) = fs::read_to_string(path) else {
        println!("skipped: there is no {}", path.display());
        return;
    };
    let import = read(&text, Format::Markdown).unwrap();
    let project = &import.project;
    // The example of the start screen was built by hand from the same text; its running average is Ganvas's own.
    let printed = TUTORIAL.project();
    assert_eq!(project.generator, printed.generator);
    assert_eq!(project.discriminator, printed.discriminator);
    assert_eq!(project.data, printed.data);
    assert_eq!(project.train, TrainSpec { ema_decay: project.train.ema_decay, ..printed.train });
    let lines: Vec<usize> = import.origins.iter().map(|origin| origin.place.line).collect();
    assert_eq!(lines, [27, 27, 28, 29, 29, 30, 30, 31, 36, 36, 37, 37, 38, 39, 39]);
    let wanted = "line 49: gan.fit(…): nothing named gan is defined; Ganvas trains both networks in turn instead";
    assert!(import.remarks.iter().any(|remark| remark.to_string() == wanted), "{:?}", import.remarks);
    let faults: Vec<String> = project.faults().iter().map(ToString::to_string).collect();
    let wanted = [
        "generator: Reshape wants 2048 values (128 × 4 × 4), but gets 128 (128)",
        "the generator would make 1 × 16 × 16, but the data is 1 × 28 × 28",
    ];
    assert_eq!(faults, wanted);
}

#[test]
fn what_does_not_parse_is_a_gap_at_its_place_and_the_rest_is_read() {
    let import = python(
        "from keras import Sequential, layers\n\
         generator = Sequential([\n  layers.Dense(8, input_dim=4),\n  layers.ReLU(max value=3),\n  layers.Dense(2),\n])\n\
         discriminator = Sequential()\n\
         discriminator.add(layers.Dense(8, input_shape=(2,)))\n\
         discriminator.add(layers.LeakyReLU(0.2)\n\
         def f(): pass\n\
         discriminator.add(layers.Dense(1))\n",
    );
    let names = |role: Role| -> Vec<&str> { import.project.stack(role).layers.iter().map(|layer| layer.layer.name()).collect() };
    assert_eq!(names(Role::Generator), ["Dense", "Not read", "Dense"]);
    assert_eq!(names(Role::Discriminator), ["Dense", "Not read", "Dense"]);
    let gaps: Vec<(usize, String)> = import.gaps().into_iter().map(|gap| (gap.place.line, gap.what)).collect();
    assert_eq!(gaps, [(4, "layers.ReLU(max value=3)".to_owned()), (9, "discriminator.add(layers.LeakyReLU(0.2)".to_owned())]);
}

#[test]
fn what_the_catalogue_lacks_is_a_gap_with_the_reason() {
    let import = python(
        "import torch.nn as nn\n\
         G = nn.Sequential(nn.Linear(4, 8), nn.Hardswish(), Mystery(3), nn.Linear(8, width), nn.Linear(8, 2))\n\
         D = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))\n",
    );
    let gaps: Vec<String> = import.gaps().iter().map(ToString::to_string).collect();
    assert_eq!(
        gaps,
        [
            "line 2: nn.Hardswish(): Ganvas has no layer Hardswish",
            "line 2: Mystery(3): nothing named Mystery is defined",
            "line 2: nn.Linear(8, width): its out_features cannot be told: nothing named width is defined",
        ]
    );
    assert_eq!(import.project.data.source, Source::Builtin(Builtin::Ring8));
}

#[test]
fn layers_that_a_library_would_refuse_are_said() {
    let import = python(
        "import torch.nn as nn\n\
         generator = nn.Sequential(nn.Linear(10, 64),\n nn.Linear(32, 2))\n\
         discriminator = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))\n",
    );
    let wanted = "line 3: Dense for 32: 64 come in; the library would refuse it, Ganvas takes what comes";
    assert!(import.remarks.iter().any(|remark| remark.to_string() == wanted), "{:?}", import.remarks);
}

#[test]
fn functions_that_nothing_calls_are_followed_with_what_the_module_knows() {
    let import = python(
        "from tensorflow.keras.layers import Dense as D, Input\nfrom tensorflow.keras import Model\n\
         latent_dim, width = 6, 3 * 4\n\
         def generator_model(latent_dim):\n  z = Input((latent_dim,))\n  return Model(z, D(2)(D(width, 'tanh')(z)))\n\
         def make_critic():\n  x = Input((2,))\n  return Model(inputs=x, outputs=D(1)(D(width, activation='selu')(x)))\n",
    );
    assert_eq!(import.project.generator.input, Shape::vector(6));
    assert_eq!(import.project.generator.output_shape(), Ok(Shape::vector(2)));
    assert_eq!(import.gaps()[0].to_string(), "line 9: activation of D(width, activation='selu'): Ganvas has no activation selu");
}

#[test]
fn cells_of_a_notebook_are_named() {
    let text = r#"{"cells": [
        {"cell_type": "markdown", "source": ["A GAN"]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "from keras import Sequential\n", "from keras.layers import *"]},
        {"cell_type": "code", "source": "generator = Sequential([\n    Dense(8, input_shape=(4,)),\n    Nothing(),\n    Dense(2)])"},
        {"cell_type": "code", "source": "discriminator = Sequential([Dense(1, input_shape=(2,))])"}]}"#;
    let import = read(text, Format::Notebook).unwrap();
    let places: Vec<String> = import.origins.iter().map(|origin| origin.place.to_string()).collect();
    assert_eq!(places, ["cell 3, line 2", "cell 3, line 3", "cell 3, line 4", "cell 4, line 1"]);
    assert!(matches!(&import.project.generator.layers[1].layer, Layer::Gap { line: 3, reason, .. } if reason.ends_with("(cell 3)")));
}

#[test]
fn pictures_keep_their_proportions_and_find_data_of_their_size() {
    let import = python(
        "from keras import layers, models\n\
         def build_discriminator():\n  m = models.Sequential()\n  m.add(layers.Conv2D(8, (5, 3), strides=(2, 1), input_shape=(40, 24, 3)))\n\
         \x20 m.add(layers.GlobalAveragePooling2D())\n  m.add(layers.Dense(1))\n  return m\n\
         def build_generator():\n  m = models.Sequential()\n  m.add(layers.Dense(10 * 6 * 8, input_dim=16))\n  m.add(layers.Reshape((10, 6, -1)))\n\
         \x20 m.add(layers.UpSampling2D((4, 4)))\n  m.add(layers.Conv2D(3, 1, activation='tanh'))\n  return m\n",
    );
    assert_eq!(import.project.faults(), []);
    assert_eq!((import.project.data.image.width, import.project.data.image.height), (24, 40));
    assert_eq!(import.project.generator.layers[1].layer, Layer::Reshape { shape: Shape::new(8, 10, 6) });
    assert!(matches!(import.project.discriminator.layers[0].layer, Layer::Conv2d { kernel: Size { height: 5, width: 3 }, .. }));
}

#[test]
fn texts_without_networks_are_refused_in_words() {
    let error = |text: &str, format: Format| read(text, format).unwrap_err().to_string();
    assert_eq!(error("print('hello')", Format::Python), "no network of Keras or PyTorch is in it");
    assert_eq!(error("", Format::Text), "no network of Keras or PyTorch is in it");
    assert_eq!(
        error("from models import Generator\nG = Generator(100)\n", Format::Python),
        "no network of Keras or PyTorch is in it; Generator comes from models, which is another file: read that one"
    );
    assert_eq!(error("words", Format::Markdown), "there is no Python code in it");
    assert_eq!(error("words", Format::Notebook), "this is no Jupyter notebook");
    assert_eq!(error(&"x = 1\n".repeat(200_000), Format::Python), "the text is too large to be the source of a network");
}

// ----------------------------------------------------------------------------
// Texts that nobody would write.

/// Reads a text, which has to end soon and without a fault.
fn survives(text: &str, format: Format) -> Duration {
    let begun = Instant::now();
    let result = read(text, format);
    let taken = begun.elapsed();
    assert_ne!(result.err(), Some(CodeError::Fault), "{text}");
    // Generous, since several tests share the processor; a reading takes milliseconds.
    assert!(taken < Duration::from_secs(20), "{taken:?} for {text}");
    taken
}

#[test]
fn scripts_without_end_come_to_an_end() {
    let nested = format!("{}1{}", "(".repeat(5000), ")".repeat(5000));
    let blocks: String = (0..200).map(|depth| format!("{}if a:\n", " ".repeat(depth))).collect();
    let networks = "import torch.nn as nn\nG = nn.Linear(2, 2)\nfor i in range(64):\n  G = nn.Sequential(G, G)\nx = G(1)\nnetG = G\n";
    let texts = [
        "def f(): return f()\nf()".to_owned(),
        "while True: pass".to_owned(),
        "a = [1]\nwhile a: a.append(a)".to_owned(),
        "a = [0]\nfor i in range(60): a = a + a\nb = [a] * 4096\nc = [b] * 4096\nc == [b] * 4096".to_owned(),
        "a = 'x' * 10 ** 9\nb = 10 ** 10 ** 10\nc = 1 << 100\nd = 2 ** -1\ne = 1 // 0\nf = -9223372036854775807 - 1\ng = f // -1"
            .to_owned(),
        "f = lambda h: lambda: h\ng = 1\nfor i in range(50):\n for j in range(50):\n  for k in range(50): g = f(g)".to_owned(),
        "a = 1\nfor i in range(60):\n for j in range(60):\n  for k in range(60): a = (a,)\na == a\nstr(a)\nisinstance(a, a)".to_owned(),
        "class A(A): pass\nclass B(B2): pass\nA().x.y.z()\nA.a = A\nprint(A.b)".to_owned(),
        "def f(x): return f(f(f(x)))\nf(1)".to_owned(),
        networks.to_owned(),
        format!("x = {nested}"),
        format!("x = {}", "-".repeat(20_000)),
        format!("x = 1{}", " + 1".repeat(20_000)),
        format!("x = a{}", ".b()".repeat(20_000)),
        format!("x = {}1", "lambda: ".repeat(2000)),
        format!("x = {}", "not ".repeat(2000)),
        format!("x = f'{}'", "{".repeat(2000)),
        format!("{}1", "if a: ".repeat(2000)),
        "[".repeat(100_000),
        "elif x:\n".repeat(10_000),
        blocks,
    ];
    for text in texts {
        survives(&text, Format::Python);
    }
}

#[test]
fn random_bytes_are_survived() {
    let rng = &mut stream(1, Purpose::Synthetic, 0);
    for round in 0..600 {
        let bytes: Vec<u8> =
            (0..rng.random_range(0..400)).map(|_| rng.random_range(if round % 2 == 0 { 0..=255 } else { 9..=126 })).collect();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let format = [Format::Python, Format::Markdown, Format::Notebook, Format::Text][round % 4];
        survives(&text, format);
    }
}

/// Pieces of Python, and of what people write networks with.
#[rustfmt::skip]
const WORDS: [&str; 88] = [
    "def ", "class ", "return ", "if ", "else:", "for ", "in ", "while ", "import ", "from ", "lambda ", "yield ", "not ", "and ", "(",
    ")", "[", "]", "{", "}", ",", ":", "=", "==", "+", "-", "*", "**", ".", "@", "\n", "\n    ", "\n\t", "'", "\"\"\"", "f'{x}'", "#",
    "\\\n", "1", "0.5", "-1", "x", "self", "G", "netD", "generator", "nn.Sequential(", "nn.Linear(2, 3)", "nn.Conv2d(3, 8, 3)",
    "Model(", "Input((2,))", "Dense(4)", "layers.Conv2DTranspose(8, 4)(x)", ".add(", ".append(", ".view(-1, 2)", ".apply(",
    "forward(self, x)", "super().__init__()", "range(99)", "len(", "zip(x, x)", "isinstance(x, x)", "x, *y", "match x:\n    case ",
    "case ", "yield x", "yield from x", "(y := x)", "x | y", "x: int = 3", "x: int", "@dataclass\nclass ",
    "field(default_factory=lambda: [x])", "nn.Parameter(torch.randn(2, 3))", "F.linear(x, w)", "F.conv2d(x, w * 2)", "x @ w",
    "x[:, :, 2:-2, 2:-2]", "torch.randn_like(x)", ".permute(0, 2, 3, 1)", "torch.cat([x, y], 1)", ".chunk(2, 1)", "Embedding(10, 4)",
    "Permute((2, 3, 1))", "PReLU(shared_axes=[1, 2])", "ZeroPad2d((-1, 1, -1, 1))", "AdaptiveAvgPool2d(4)",
];

#[test]
fn a_soup_of_words_is_survived() {
    let rng = &mut stream(2, Purpose::Synthetic, 0);
    for _ in 0..600 {
        let count = rng.random_range(0..120);
        let text: String = (0..count).map(|_| WORDS[rng.random_range(0..WORDS.len())]).collect();
        survives(&text, Format::Python);
    }
}

/// Cuts, doubles, moves and changes pieces of a text.
fn mutated(text: &str, rng: &mut ChaCha8Rng) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..rng.random_range(1..6) {
        let length = letters.len();
        if length < 2 {
            break;
        }
        let from = rng.random_range(0..length);
        let to = (from + rng.random_range(0..60)).min(length);
        match rng.random_range(0..5) {
            0 => drop(letters.drain(from..to)),
            1 => letters.truncate(from),
            2 => {
                let piece: Vec<char> = letters[from..to].to_vec();
                let at = rng.random_range(0..letters.len());
                letters.splice(at..at, piece);
            }
            3 => letters[from] = ['(', ')', '\n', ' ', '\'', '"', ':', '*', '0', '9', '\t', 'é'][rng.random_range(0..12)],
            _ => letters.swap(from, rng.random_range(0..length)),
        }
    }
    letters.into_iter().collect()
}

#[test]
fn damaged_scripts_are_survived() {
    for (number, path) in scripts().iter().enumerate() {
        let text = fs::read_to_string(path).unwrap();
        let rng = &mut stream(3, Purpose::Synthetic, number as u64);
        for _ in 0..40 {
            survives(&mutated(&text, rng), Format::of(path));
        }
        // Cut off at every place of a stretch.
        let from = rng.random_range(0..text.len().saturating_sub(40));
        for end in (from..from + 40).filter(|&end| text.is_char_boundary(end)) {
            survives(&text[..end], Format::of(path));
        }
    }
}
