using DropoutLab.Auditing;
using DropoutLab.Backends;
using DropoutLab.Cli.Display;
using DropoutLab.Cli.Options;

namespace DropoutLab.Cli.Commands;

/// <summary>
/// Computes the step of an audit's file again, with its masks as data, and says which arrays come out otherwise.
/// </summary>
internal sealed class AuditReplay(string path, StepAudit recorded, Compute device)
{
    public int Run(CommandConsole console)
    {
        AuditSettings settings = recorded.Settings;
        StepAudit again = StepAudit.Replay(recorded, AuditData.NetworkOf(recorded), device.Backend);
        IReadOnlyList<(string Name, double Distance)> differing = AuditFile.Differing(recorded, again);
        string verdict = differing.Count == 0 ? "every bit the same" : $"{differing.Count} of them different";
        FactList.Write(
            console,
            ("replayed",
                $"{path}: {settings.Network}, step {settings.Step} of seed {settings.Seed}, {settings.Rule}, {settings.Sharing}"),
            ("recorded", $"{settings.Precision.ShortName()} on {settings.Backend}"),
            ("computing", $"{device}"),
            ("advice", device.Advice),
            ("arrays", $"{AuditFile.Arrays(again).Count}, {verdict}"));
        if (differing.Count == 0)
            return ExitCode.Success;
        ResultTable table = new(console, "array", "relative to its norm");
        foreach ((string name, double distance) in differing)
            table.AddRow(name, $"{distance:e1}");
        table.Write();
        return ExitCode.Unexpected;
    }
}
