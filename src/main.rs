//! Reads the command line, and serves or answers.

use std::process::ExitCode;

use peerage::cli::{self, Command};
use peerage::config::Loaded;
use peerage::demo::{self, Demo};
use peerage::{server, telemetry};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let cli = cli::parse();
    match cli.wanted() {
        Command::Version => cli::version().give(),
        Command::Licenses => cli::licenses().give(),
        Command::ClusterKey => cli::cluster_key().give(),
        Command::Config(command) => cli::about_config(command, &cli.load()).give(),
        Command::Completions(wanted) => cli::completions(&wanted).give(),
        Command::Question(question) => cli::answer(&question).give(),
        Command::Demo(demo) => show(demo),
        Command::Serve => match cli.load() {
            Ok(loaded) => serve(loaded),
            Err(mistakes) => cli::refusal(&mistakes).give(),
        },
    }
}

fn serve(loaded: Loaded) -> ExitCode {
    if let Err(error) = telemetry::start(&loaded.config.log) {
        return cli::failure(&format!("cannot start the log: {error}")).give();
    }
    match actix_web::rt::System::new().block_on(server::run(loaded)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => cli::failure(&error).give(),
    }
}

fn show(demo: Demo) -> ExitCode {
    if let Err(error) = telemetry::start(&demo::log()) {
        return cli::failure(&format!("cannot start the log: {error}")).give();
    }
    match actix_web::rt::System::new().block_on(demo::run(demo)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => cli::failure(&error).give(),
    }
}
