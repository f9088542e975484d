using System.CommandLine;
using System.Runtime.InteropServices;
using DropoutLab.Backends;
using DropoutLab.Backends.OneDnn;
using DropoutLab.Cli.Display;
using DropoutLab.Cli.Machine;
using DropoutLab.Data;

namespace DropoutLab.Cli.Commands;

/// <summary>What the machine has, and what is chosen on it.</summary>
internal sealed class InfoCommand : Command
{
    private readonly CommandConsole console;

    public InfoCommand(CommandConsole console)
        : base("info", "Show processor, oneDNN, and what auto picks here.")
    {
        this.console = console;
        SetAction(_ => Run());
    }

    private int Run()
    {
        bool found = OneDnnBackend.TryCreate(threads: null, out OneDnnBackend? oneDnn, out string reason);
        using Backend chosen = found ? oneDnn! : BackendCatalog.Create("reference", threads: null, out _);
        FactList.Write(
            console,
            ("DropoutLab", RunEnvironment.Version),
            (".NET", $"{Environment.Version} on {RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}"),
            ("processor", $"{ProcessorInformation.Name}, {Environment.ProcessorCount} at hand"),
            ("features", ProcessorInformation.Features.Count > 0
                ? string.Join(", ", ProcessorInformation.Features)
                : "none that matter here"),
            ("oneDNN", reason),
            ("backend", $"auto picks {chosen.Name}{(found ? "" : ", about ten times slower than oneDNN")}: {chosen.Description}"),
            ("precision", $"auto picks {chosen.PreferredPrecision.ShortName()}{WhyPrecision(chosen)}"),
            ("data", $"{DataDirectory.Resolve(null)}"));
        return ExitCode.Success;
    }

    private static string WhyPrecision(Backend backend)
    {
        if (!backend.Supports(Precision.BFloat16))
            return $", all that the {backend.Name} backend has";
        return backend.PreferredPrecision == Precision.BFloat16
            ? ": oneDNN multiplies bfloat16 with AMX here"
            : ": bf16 is slower where oneDNN has no AMX to multiply with";
    }
}
