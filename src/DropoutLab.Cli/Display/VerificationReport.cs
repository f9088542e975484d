using System.Globalization;
using DropoutLab.Backends;
using DropoutLab.Cli.Options;
using DropoutLab.Dropout;
using DropoutLab.Verification;
using Spectre.Console;

namespace DropoutLab.Cli.Display;

/// <summary>What came of the claims, for people and for programs.</summary>
internal sealed record VerificationReport(
    VerificationSubject Subject, Compute Device, IReadOnlyList<ClaimResult> Results, TimeSpan Elapsed)
{
    private const int WidthForWhere = 120;
    private const int WidthForWhy = 180;
    private const int RulesPerLine = 3;

    private IReadOnlyList<ClaimResult> Failed => [.. Results.Where(result => result.Outcome == ClaimOutcome.Fails)];

    public void WriteTable(CommandConsole console)
    {
        WriteHead(console);
        int width = console.Ansi.Profile.Width;
        string[] heads = ["claim", "largest deviation", "bound", "<verdict", "<found at", "<why it matters"];
        int columns = width >= WidthForWhy ? 6 : width >= WidthForWhere ? 5 : 4;
        ResultTable table = new(console, heads.AsSpan(0, columns));
        foreach (ClaimResult result in Results)
            table.AddRow(Cells(result).Take(columns));
        table.Write();
        WriteEnd(console);
    }

    public void WriteJson(CommandConsole console) => console.Output.WriteLine(JsonOutput.Line(new
    {
        Model = Subject.Network.Name,
        Dropout = Subject.Rules.Select(rule => rule.ToString()),
        DropoutAt = Subject.Sites.ToString(),
        MaskSharing = Subject.Sharing.ToString(),
        Subject.BatchSize,
        Subject.Seed,
        Precision = Device.Precision.ShortName(),
        Backend = Device.Backend.Name,
        Device.Threads,
        Seconds = Elapsed.TotalSeconds,
        Holds = Failed.Count == 0,
        Claims = Results.Select(result => new
        {
            result.Claim,
            result.Why,
            Deviation = result.Deviation is { } number && double.IsFinite(number) ? result.Deviation : null,
            result.Bound,
            Unit = UnitName(result.Unit),
            FoundAt = result.Where,
            Verdict = Word(result.Outcome),
        }),
    }));

    /// <summary>0 if no claim fails; else says on the error output which do.</summary>
    public int ExitCode(CommandConsole console) => Failed.Count == 0
        ? Cli.ExitCode.Success
        : console.Fail(
            $"{Failed.Count} of {Results.Count} claims fail{(Failed.Count == 1 ? "s" : "")} here: "
                + $"{string.Join("; ", Failed.Select(result => result.Claim))}",
            Cli.ExitCode.Unexpected);

    private DropoutSettings Settings => new(DropoutRule.None, Subject.Sites, Subject.Sharing);

    private void WriteHead(CommandConsole console)
    {
        FactList.Write(
            console,
            [
                ("steps", $"{Subject.Network.Name}, {Subject.BatchSize} made-up images, seed {Subject.Seed}"),
                ("computing", $"{Device}"),
                .. Subject.Rules.Chunk(RulesPerLine)
                    .Select((rules, line) => (line == 0 ? "dropout" : "", string.Join(", ", rules.AsEnumerable()))),
                ("masks", $"{Subject.Sharing}, at the inputs of {SiteNames.Text(Settings, Subject.Network)}"),
            ]);
    }

    private void WriteEnd(CommandConsole console)
    {
        int skipped = Results.Count(result => result.Outcome == ClaimOutcome.Skipped);
        string rest = skipped > 0
            ? $", {skipped} skipped: {Results.First(result => result.Outcome == ClaimOutcome.Skipped).Where}"
            : "";
        console.Output.WriteLine(
            $"{Results.Count - Failed.Count - skipped} of {Results.Count} claims hold{rest}; {Elapsed.TotalSeconds:f1} s");
        foreach (ClaimResult failed in Failed)
            console.Output.WriteLine($"fails at {failed.Where}: {failed.Claim} ({failed.Why})");
    }

    private static IEnumerable<(string, Style)> Cells(ClaimResult result) =>
    [
        (result.Claim, Style.Plain),
        (result.Deviation is { } deviation ? Number(deviation, result.Unit) : "", Style.Plain),
        (Number(result.Bound, result.Unit), Style.Plain),
        (Word(result.Outcome), new Style(Colour(result.Outcome))),
        (result.Where, Style.Plain),
        (result.Why, Style.Plain),
    ];

    private static string Number(double value, DeviationUnit unit) => !double.IsFinite(value)
        ? "no number"
        : unit switch
        {
            DeviationUnit.Elements => value.ToString("n0", CultureInfo.InvariantCulture),
            DeviationUnit.StandardErrors => $"{value:0.0} σ",
            DeviationUnit.RelativeToNorm => value == 0 ? "0" : value.ToString("0.0e-0", CultureInfo.InvariantCulture),
            _ => throw new ArgumentOutOfRangeException(nameof(unit), unit, "no such unit"),
        };

    private static string Word(ClaimOutcome verdict) => verdict.ToString().ToLowerInvariant();

    private static Color Colour(ClaimOutcome verdict) => verdict switch
    {
        ClaimOutcome.Holds => Color.Green,
        ClaimOutcome.Fails => Color.Red,
        ClaimOutcome.Skipped => Color.Yellow,
        _ => throw new ArgumentOutOfRangeException(nameof(verdict), verdict, "no such verdict"),
    };

    private static string UnitName(DeviationUnit unit) => unit switch
    {
        DeviationUnit.Elements => "elements",
        DeviationUnit.StandardErrors => "standard_errors",
        DeviationUnit.RelativeToNorm => "relative_to_norm",
        _ => throw new ArgumentOutOfRangeException(nameof(unit), unit, "no such unit"),
    };
}
