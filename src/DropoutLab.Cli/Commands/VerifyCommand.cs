using System.CommandLine;
using System.Diagnostics;
using DropoutLab.Cli.Display;
using DropoutLab.Cli.Options;
using DropoutLab.Dropout;
using DropoutLab.Models;
using DropoutLab.Recipes;
using DropoutLab.Verification;

namespace DropoutLab.Cli.Commands;

/// <summary>Checks the claims on this machine.</summary>
internal sealed class VerifyCommand : Command
{
    private const int DefaultBatchSize = 5;

    // The longer the sums of 32-bit floats, the nearer their rounding comes to the bounds.
    private const int LargestBatch = 100;

    private static readonly ImageShape Images = new(32, 32, 3);

    private readonly CommandConsole console;
    private readonly Option<string?> model = SharedOptions.Model();
    private readonly Option<DropoutRule?> dropout = CommandOption.Create<DropoutRule>(
        "--dropout", "RULE", "The rule to check, as for train", string.Join(", ", VerificationSubject.EveryRule),
        DropoutRule.Parse);

    private readonly Option<SiteSelection?> dropoutAt = SharedOptions.DropoutSites(withRatios: false);
    private readonly Option<MaskSharing?> maskSharing = SharedOptions.MaskSharing();
    private readonly Option<int?> batchSize = CommandOption.Create(
        "--batch-size", "N", "Images of the steps", $"{DefaultBatchSize}", CommandOption.WholeNumber(2, LargestBatch));

    private readonly Option<ulong?> seed = SharedOptions.Seed("What made-up images, parameters and the masks derive from");
    private readonly ComputeOptions compute;
    private readonly Option<bool> json = CommandOption.Flag("--json", "Print one JSON object");

    public VerifyCommand(CommandConsole console)
        : base("verify",
            "Check on this machine what DropoutLab claims: its masks, every rule's equations, and that nothing depends on "
                + "backend or threads.")
    {
        this.console = console;
        foreach (Option option in new Option[] { model, dropout, dropoutAt, maskSharing, batchSize, seed })
            Add(option);
        compute = new ComputeOptions(this);
        Add(json);
        SetAction(Run);
    }

    private int Run(ParseResult parse)
    {
        using Compute device = compute.Open(parse);
        if (device.Advice is { } advice)
            console.Note(advice);
        VerificationSubject subject = Subject(parse, device);
        long start = Stopwatch.GetTimestamp();
        IReadOnlyList<ClaimResult> results = ClaimVerifier.Check(subject, console.Cancellation);
        VerificationReport report = new(subject, device, results, Stopwatch.GetElapsedTime(start));
        if (parse.GetValue(json))
            report.WriteJson(console);
        else
            report.WriteTable(console);
        return report.ExitCode(console);
    }

    private VerificationSubject Subject(ParseResult parse, Compute device) => new(
        ModelRecipe.Find(parse.GetValue(model) ?? SharedOptions.DefaultModel).Create(Images, 10), device.Backend,
        device.Precision)
    {
        Rules = parse.GetValue(dropout) is { } rule ? [rule] : VerificationSubject.EveryRule,
        Sites = parse.GetValue(dropoutAt) ?? SiteSelection.All,
        Sharing = parse.GetValue(maskSharing) ?? MaskSharing.PerDatum,
        BatchSize = parse.GetValue(batchSize) ?? DefaultBatchSize,
        Seed = parse.GetValue(seed) ?? SharedOptions.DefaultSeed,
    };
}
