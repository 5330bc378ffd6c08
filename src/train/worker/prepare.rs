//! A run whose device is not ready yet. Every part of making it ready is a turn of the worker, like a step: in between it listens.

use std::sync::Arc;

use super::{Bench, Fault};
use crate::device::{self, DeviceChoice};
use crate::spec::TrainSpec;
use crate::train::message::{Command, Event};
use crate::train::rehearsal::Unready;
use crate::train::session::Session;

impl Bench {
    /// Says whether it runs or is being prepared. Time counts while it runs.
    pub(super) fn say_how_it_goes(&mut self) {
        let Some(session) = &mut self.session else { return };
        let device = session.device_name().to_owned();
        self.voice.say(match session.preparing() {
            Some(progress) => Event::Preparing { device, progress },
            None => {
                session.go();
                Event::Running { device }
            }
        });
    }

    pub(super) fn set_ready(&mut self) {
        if let Some(session) = &mut self.session {
            session.set_ready();
        }
        self.say_how_it_goes();
    }

    /// One part of what makes the device ready. A device that computes otherwise than the CPU is not used.
    pub(super) fn prepare(&mut self) -> Result<(), Fault> {
        let Some(session) = &mut self.session else { return Ok(()) };
        match session.prepare() {
            Ok(()) => {}
            Err(Unready::Unfit(reason)) => self.fall_back(&reason)?,
            Err(Unready::Failed(fault)) => return Err(fault),
        }
        let can_step = self.session.as_ref().is_some_and(Session::can_step);
        match self.wanted.take_if(|_| can_step) {
            Some(command) => self.single(command),
            None => {
                self.say_how_it_goes();
                Ok(())
            }
        }
    }

    /// Moves the run to the CPU.
    fn fall_back(&mut self, reason: &str) -> Result<(), Fault> {
        let kept = self.kept_step();
        let Some(session) = &mut self.session else { return Ok(()) };
        let name = session.device_name().to_owned();
        self.voice.say(Event::Warning(format!("{name} computes otherwise than the CPU ({reason}), so the run uses the CPU")));
        let cpu = device::resolve(&DeviceChoice::Cpu).and_then(|cpu| device::open(&cpu)).map_err(|error| error.to_string())?;
        session.move_to(cpu, kept).map_err(|error| error.to_string())
    }

    /// Changes the settings; another size of batch is prepared first.
    pub(super) fn set(&mut self, train: TrainSpec) -> Result<(), Fault> {
        let Some(session) = &mut self.session else { return Ok(()) };
        let was_ready = session.preparing().is_none();
        session.set(train).map_err(|error| error.to_string())?;
        if was_ready && session.preparing().is_some() && self.running {
            session.hold();
            self.tell_progress()?;
            self.say_how_it_goes();
        }
        Ok(())
    }

    /// One step of one network, or one that is told, once the device is ready for it.
    pub(super) fn single(&mut self, step: Command) -> Result<(), Fault> {
        let Some(session) = &mut self.session else { return Ok(()) };
        if !session.can_step() {
            self.wanted = Some(step);
            self.resume();
            return Ok(());
        }
        let mut story = None;
        match step {
            Command::StepD => session.d_step(),
            Command::TellStep => story = Some(session.tell_step().map_err(|error| error.to_string())?),
            _ => session.g_step(),
        }
        self.hold()?;
        if let Some(story) = story {
            self.voice.say(Event::Told(Arc::new(story)));
        }
        self.voice.say(Event::Paused);
        Ok(())
    }
}
