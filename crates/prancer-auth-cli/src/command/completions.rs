//! `prancer-auth completions`

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::output;

/// Prints the names of the profiles; shells run it while a command is typed.
const NAMES: &str = "$(prancer-auth profile list --names 2>/dev/null)";

pub(crate) fn run(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(
        shell,
        &mut Arguments::command(),
        "prancer-auth",
        &mut script,
    );
    let script = String::from_utf8_lossy(&script);
    output::print(with_profiles(shell, &script).as_bytes())
}

/// The script completes the names of profiles, too. (The stable part of `clap_complete` knows fixed values only.)
fn with_profiles(shell: Shell, script: &str) -> String {
    match shell {
        Shell::Bash => {
            let flag = "--profile)\n                    COMPREPLY=($(compgen -f";
            let names =
                format!("--profile)\n                    COMPREPLY=($(compgen -W \"{NAMES}\" --");
            // The generator writes the hyphen of the name in two ways, so that no subcommand would be found.
            let script = script.replace("prancer__subcmd__auth", "prancer__auth");
            let mut script = script.replace(flag, &names);
            for command in ["use", "remove"] {
                let start = format!(
                    "prancer__auth__subcmd__profile__subcmd__{command})\n            opts=\""
                );
                script = script.replace(&start, &format!("{start}{NAMES} "));
            }
            script
        }
        Shell::Zsh => {
            let names = format!("({NAMES})");
            let flags = script.split('\n').map(|line| {
                let names_profile = line.starts_with("'--profile=")
                    || line.contains(":name -- Name of the profile:");
                match line.strip_suffix(":_default' \\").filter(|_| names_profile) {
                    Some(start) => format!("{start}:{names}' \\"),
                    None => line.to_owned(),
                }
            });
            flags.collect::<Vec<_>>().join("\n")
        }
        Shell::Fish => {
            let names = " -f -a '(prancer-auth profile list --names 2>/dev/null)'";
            let flags = script.lines().map(|line| {
                let is_flag = line.contains(" -l profile ") && line.ends_with(" -r");
                format!("{line}{}\n", if is_flag { names } else { "" })
            });
            let commands = "complete -c prancer-auth -n \"__fish_prancer_auth_using_subcommand profile; and __fish_seen_subcommand_from use remove\"";
            flags.collect::<String>() + commands + names + "\n"
        }
        _ => script.to_owned(),
    }
}
