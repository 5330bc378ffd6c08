//! Which devices there are, and how one is opened.
//!
//! Burn's default device is never used: a device is chosen by name from a list made without opening any, and opened through the path
//! that answers with an error instead of a panic. A graphics device can be opened once in a process; it is kept for the next run.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, OnceLock, PoisonError};

use burn::tensor::{Device, DeviceKind};
use burn_cubecl::cubecl::config::cache::CacheConfig;
use burn_cubecl::cubecl::config::{CubeClRuntimeConfig, RuntimeConfig as _};
use burn_cubecl::cubecl::records::RecordLevel;
use burn_wgpu::{WgpuBackend, wgpu};

/// What a person asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DeviceChoice {
    /// A real GPU where there is one, else the CPU; never a software adapter.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// The best adapter there is, a software one with a word of warning.
    Gpu,
    /// The one with this name, or whose name has this in it.
    Named(String),
}

impl FromStr for DeviceChoice {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.to_lowercase().as_str() {
            "auto" => Self::Auto,
            "cpu" => Self::Cpu,
            "gpu" => Self::Gpu,
            _ => Self::Named(text.to_owned()),
        })
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => write!(f, "auto"),
            Self::Cpu => write!(f, "cpu"),
            Self::Gpu => write!(f, "gpu"),
            Self::Named(name) => write!(f, "{name}"),
        }
    }
}

/// What kind of thing computes. The order is that of preference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A graphics card.
    DiscreteGpu,
    /// Graphics in the processor.
    IntegratedGpu,
    /// Graphics of a virtual machine.
    VirtualGpu,
    /// The processor, directly.
    Cpu,
    /// A graphics interface that the processor imitates: slower than using the processor directly.
    SoftwareAdapter,
}

impl Kind {
    /// As shown to people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DiscreteGpu => "graphics card",
            Self::IntegratedGpu => "integrated graphics",
            Self::VirtualGpu => "virtual graphics",
            Self::Cpu => "processor",
            Self::SoftwareAdapter => "software adapter",
        }
    }

    /// Is it hardware made for this?
    pub const fn is_real_gpu(self) -> bool {
        matches!(self, Self::DiscreteGpu | Self::IntegratedGpu | Self::VirtualGpu)
    }
}

/// A device on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo {
    /// The name it goes by: `CPU`, or as the driver says.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// The graphics interface it is reached through; none for the CPU.
    pub api: Option<wgpu::Backend>,
    /// Which of its kind, counted from 0.
    index: usize,
}

impl DeviceInfo {
    fn cpu() -> Self {
        Self { name: "CPU".to_owned(), kind: Kind::Cpu, api: None, index: 0 }
    }
}

/// Why a device cannot be used, in words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DeviceError(pub String);

/// A device ready to compute on.
#[derive(Clone, Debug)]
pub struct OpenDevice {
    /// Which one it is.
    pub info: DeviceInfo,
    /// Plain, without autodiff.
    pub device: Device,
    /// Something the user should know about it.
    pub warning: Option<String>,
}

impl OpenDevice {
    /// The processor under another name and another kind, for what is done with adapters alone.
    #[cfg(test)]
    pub fn imitation(name: &str) -> Self {
        let info = DeviceInfo { name: name.to_owned(), kind: Kind::SoftwareAdapter, api: None, index: 0 };
        Self { info, device: cpu(), warning: None }
    }
}

/// The CPU, always there.
pub fn cpu() -> Device {
    Device::flex()
}

/// All devices of this machine, best first. Looked up once; the first call asks the graphics drivers and can take a moment.
pub fn list() -> &'static [DeviceInfo] {
    static DEVICES: OnceLock<Vec<DeviceInfo>> = OnceLock::new();
    DEVICES.get_or_init(|| {
        let mut devices = adapters();
        devices.push(DeviceInfo::cpu());
        devices.sort_by_key(|device| device.kind);
        devices
    })
}

/// The adapters of the first graphics interface that has any real one; else of the first that has any.
fn adapters() -> Vec<DeviceInfo> {
    let mut software = Vec::new();
    for (api, _) in APIS {
        // OpenGL computes badly and its libraries complain on the terminal: it is asked only where nothing else is there.
        if api == wgpu::Backend::Gl && !software.is_empty() {
            break;
        }
        let found = adapters_of(api);
        if found.iter().any(|device| device.kind.is_real_gpu()) {
            return found;
        }
        if software.is_empty() {
            software = found;
        }
    }
    software
}

/// The graphics interfaces in the order they are tried, as wgpu and as Burn name them.
const APIS: [(wgpu::Backend, WgpuBackend); 4] = [
    (wgpu::Backend::Metal, WgpuBackend::Metal),
    (wgpu::Backend::Vulkan, WgpuBackend::Vulkan),
    (wgpu::Backend::Dx12, WgpuBackend::Dx12),
    (wgpu::Backend::Gl, WgpuBackend::Gl),
];

fn adapters_of(api: wgpu::Backend) -> Vec<DeviceInfo> {
    let descriptor = wgpu::InstanceDescriptor { backends: api.into(), ..wgpu::InstanceDescriptor::new_without_display_handle() };
    let instance = wgpu::Instance::new(descriptor);
    let adapters = block_on(instance.enumerate_adapters(api.into()));
    let mut counts = HashMap::new();
    let mut devices = Vec::new();
    for info in adapters.iter().map(wgpu::Adapter::get_info) {
        let kind = match info.device_type {
            wgpu::DeviceType::DiscreteGpu => Kind::DiscreteGpu,
            wgpu::DeviceType::IntegratedGpu => Kind::IntegratedGpu,
            wgpu::DeviceType::VirtualGpu => Kind::VirtualGpu,
            wgpu::DeviceType::Cpu => Kind::SoftwareAdapter,
            // Drivers that do not say what they drive cannot be named to Burn.
            wgpu::DeviceType::Other => continue,
        };
        // Burn counts the adapters of each kind on their own.
        let count = counts.entry(kind).or_insert(0);
        devices.push(DeviceInfo { name: info.name, kind, api: Some(api), index: *count });
        *count += 1;
    }
    // Graphics drivers may crash when instances come and go on several threads: this one stays for as long as the process.
    std::mem::forget((adapters, instance));
    devices
}

/// Waits for a future that is ready at once on native graphics interfaces.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        match future.as_mut().poll(&mut context) {
            std::task::Poll::Ready(output) => return output,
            std::task::Poll::Pending => std::thread::yield_now(),
        }
    }
}

/// The device that a choice means on this machine.
///
/// # Errors
/// There is none like that; the sentence names those there are.
pub fn resolve(choice: &DeviceChoice) -> Result<DeviceInfo, DeviceError> {
    match choice {
        // Training on the CPU must not depend on the graphics drivers: they are not even asked.
        DeviceChoice::Cpu => Ok(DeviceInfo::cpu()),
        _ => resolve_among(choice, list()),
    }
}

fn resolve_among(choice: &DeviceChoice, devices: &[DeviceInfo]) -> Result<DeviceInfo, DeviceError> {
    let found = match choice {
        DeviceChoice::Cpu => Some(DeviceInfo::cpu()),
        DeviceChoice::Auto => {
            let best = devices.iter().find(|device| device.kind.is_real_gpu());
            Some(best.cloned().unwrap_or_else(DeviceInfo::cpu))
        }
        DeviceChoice::Gpu => devices.iter().find(|device| device.kind != Kind::Cpu).cloned(),
        DeviceChoice::Named(name) => {
            let wanted = name.to_lowercase();
            let exact = devices.iter().find(|device| device.name.to_lowercase() == wanted);
            exact.or_else(|| devices.iter().find(|device| device.name.to_lowercase().contains(&wanted))).cloned()
        }
    };
    found.ok_or_else(|| {
        let names: Vec<&str> = devices.iter().map(|device| device.name.as_str()).collect();
        let what = match choice {
            DeviceChoice::Named(name) => format!("no device is called {name}"),
            _ => "no graphics adapter was found: install a Vulkan, Metal or DirectX 12 driver, or use the CPU".to_owned(),
        };
        DeviceError(format!("{what}; this machine has: {}", names.join(", ")))
    })
}

/// Opens a device, or gives the one opened before.
///
/// # Errors
/// The driver refuses, in words.
pub fn open(info: &DeviceInfo) -> Result<OpenDevice, DeviceError> {
    static OPEN: Mutex<Vec<(DeviceInfo, Device)>> = Mutex::new(Vec::new());
    let Some(api) = info.api else {
        return Ok(OpenDevice { info: info.clone(), device: cpu(), warning: None });
    };
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    let device = match open.iter().find(|(known, _)| known == info) {
        Some((_, device)) => device.clone(),
        None => {
            let device = open_adapter(info, api)?;
            open.push((info.clone(), device.clone()));
            device
        }
    };
    let warning = (info.kind == Kind::SoftwareAdapter)
        .then(|| format!("{} is a graphics interface imitated by the processor: the CPU device is faster", info.name));
    Ok(OpenDevice { info: info.clone(), device, warning })
}

fn open_adapter(info: &DeviceInfo, api: wgpu::Backend) -> Result<Device, DeviceError> {
    let kind = match info.kind {
        Kind::DiscreteGpu => DeviceKind::DiscreteGpu(info.index),
        Kind::IntegratedGpu => DeviceKind::IntegratedGpu(info.index),
        Kind::VirtualGpu => DeviceKind::VirtualGpu(info.index),
        Kind::SoftwareAdapter | Kind::Cpu => DeviceKind::Cpu,
    };
    let api = APIS.iter().find(|(known, _)| *known == api).map_or(WgpuBackend::Auto, |(_, burn)| *burn);
    keep_tuned_kernels();
    let options = Device::wgpu_options().device_kind(kind).graphics_api(api).tasks_max(KERNELS_AT_ONCE);
    options.init().map_err(|error| DeviceError(format!("{} cannot be opened: {error}; use the CPU, or update its driver", info.name)))
}

/// Kernels that go to the driver in one piece. The window and all the desktop are drawn by the same graphics card, between two pieces:
/// the longer one takes, the later the next frame. Burn's own 32 last longer than a frame of 16 ms where a convolution takes half a
/// millisecond. With half as many, training the smallest networks was as fast as with 32; with 4 it was not.
const KERNELS_AT_ONCE: usize = 16;

/// Which kernels are fastest is found out once for each device and size, and kept in the user's cache folder. Burn would keep it in the
/// folder `target` of whatever Cargo project the program is started in, and take its settings from a file found there.
fn keep_tuned_kernels() {
    let mut config = CubeClRuntimeConfig::default().override_from_env();
    config.environment.path = CacheConfig::Global;
    if std::env::var_os("CUBECL_ENVIRONMENT").is_none() {
        // A file of our own: programs made with another version of CubeCL would empty a shared one, and we theirs.
        config.environment.name = "ganvas".to_owned();
    }
    // A log of every tuning, which nobody reads and which only grows.
    config.environment.records.level = RecordLevel::Off;
    let folder = config.environment.path.root();
    if let Err(error) = std::fs::create_dir_all(&folder).and_then(|()| tempfile::tempfile_in(&folder)) {
        // Said once, in place of a warning for each kind of kernel.
        log::warn!("kernels are tuned anew at every start, as what was found out cannot be kept here ({error}): {}", folder.display());
        config.autotune.disable_cache = true;
        config.throughput.disable_cache = true;
    }
    // Only the first call counts.
    CubeClRuntimeConfig::try_set(config);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adapter(name: &str, kind: Kind) -> DeviceInfo {
        DeviceInfo { name: name.to_owned(), kind, api: Some(wgpu::Backend::Vulkan), index: 0 }
    }

    fn machine(adapters: &[DeviceInfo]) -> Vec<DeviceInfo> {
        let mut devices = adapters.to_vec();
        devices.push(DeviceInfo::cpu());
        devices.sort_by_key(|device| device.kind);
        devices
    }

    #[test]
    fn auto_takes_a_real_gpu_and_never_a_software_adapter() {
        let software = machine(&[adapter("llvmpipe", Kind::SoftwareAdapter)]);
        assert_eq!(resolve_among(&DeviceChoice::Auto, &software).unwrap().kind, Kind::Cpu);
        let real = machine(&[adapter("llvmpipe", Kind::SoftwareAdapter), adapter("Radeon", Kind::DiscreteGpu)]);
        assert_eq!(resolve_among(&DeviceChoice::Auto, &real).unwrap().name, "Radeon");
    }

    #[test]
    fn gpu_takes_the_best_adapter_and_says_when_there_is_none() {
        let both = machine(&[adapter("llvmpipe", Kind::SoftwareAdapter), adapter("Iris", Kind::IntegratedGpu)]);
        assert_eq!(resolve_among(&DeviceChoice::Gpu, &both).unwrap().name, "Iris");
        let software = machine(&[adapter("llvmpipe", Kind::SoftwareAdapter)]);
        assert_eq!(resolve_among(&DeviceChoice::Gpu, &software).unwrap().name, "llvmpipe");
        let error = resolve_among(&DeviceChoice::Gpu, &machine(&[])).unwrap_err();
        assert!(error.0.contains("no graphics adapter"), "{error}");
    }

    #[test]
    fn a_name_is_found_by_its_parts_in_any_case() {
        let devices = machine(&[adapter("NVIDIA GeForce RTX 4090", Kind::DiscreteGpu)]);
        let choice: DeviceChoice = "rtx 4090".parse().unwrap();
        assert_eq!(resolve_among(&choice, &devices).unwrap().kind, Kind::DiscreteGpu);
        let error = resolve_among(&DeviceChoice::Named("Voodoo".to_owned()), &devices).unwrap_err();
        assert!(error.0.contains("Voodoo") && error.0.contains("RTX 4090"), "{error}");
    }
}
