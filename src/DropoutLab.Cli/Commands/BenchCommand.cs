using System.CommandLine;
using DropoutLab.Backends;
using DropoutLab.Cli.Display;
using DropoutLab.Cli.Options;
using DropoutLab.Dropout;
using DropoutLab.Models;
using DropoutLab.Recipes;

namespace DropoutLab.Cli.Commands;

/// <summary>Times of training steps, of several dropout rules and mask sharings in turn.</summary>
internal sealed class BenchCommand : Command
{
    private const string Rules = "--dropout";
    private const string Sharings = "--mask-sharing";
    private const int DefaultSteps = 100;
    private const int DefaultWarmUp = 10;
    private const int MostSteps = 1_000_000;
    private const int ProfileRepeats = 20;

    private static readonly ImageShape Images = new(32, 32, 3);
    private static readonly DropoutRule[] DefaultRules =
        [DropoutRule.None, DropoutRule.Standard(0.3), DropoutRule.Forward(0.3), DropoutRule.Backward(0.3)];

    private readonly CommandConsole console;
    private readonly Option<string?> model = SharedOptions.Model();
    private readonly Option<DropoutRule[]> rules = new(Rules)
    {
        HelpName = "RULE",
        Description =
            $"The rules to compare, one after another or with a {Rules} each [default: "
                + $"{string.Join(' ', DefaultRules.AsEnumerable())}]",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = true,
        CustomParser = result =>
            [.. result.Tokens.Select(token => CommandOption.Read(result, Rules, token.Value, DropoutRule.Parse)!)],
    };

    private readonly Option<SiteSelection?> dropoutAt = SharedOptions.DropoutSites();
    private readonly Option<MaskSharing[]> sharings = new(Sharings)
    {
        HelpName = SharedOptions.MaskSharings,
        Description =
            $"What shares one draw, as for train; several to compare, each under every rule [default: {MaskSharing.PerDatum}]",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = true,
        CustomParser = result =>
            [.. result.Tokens.Select(token => CommandOption.Read(result, Sharings, token.Value, MaskSharing.Parse)!)],
    };

    private readonly Option<int?> batchSize = SharedOptions.BatchSize("100");
    private readonly ComputeOptions compute;
    private readonly Option<int?> steps = CommandOption.Create(
        "--steps", "N", "Steps to measure of each", $"{DefaultSteps}", CommandOption.WholeNumber(1, MostSteps));

    private readonly Option<int?> warmUp = CommandOption.Create(
        "--warm-up", "N", "Steps of each before measuring", $"{DefaultWarmUp}", CommandOption.WholeNumber(0, MostSteps));

    private readonly Option<bool> profile = CommandOption.Flag("--profile", "Also say what each kernel of a step takes");
    private readonly Option<bool> json = CommandOption.Flag("--json", "Print one JSON object a rule and sharing");

    public BenchCommand(CommandConsole console)
        : base("bench",
            "Measure training steps (load, forward, backward, update) on made-up 32×32×3 images, of several dropout rules "
                + "in turn.")
    {
        this.console = console;
        Add(model);
        Add(rules);
        Add(dropoutAt);
        Add(sharings);
        Add(batchSize);
        compute = new ComputeOptions(this);
        Add(steps);
        Add(warmUp);
        Add(profile);
        Add(json);
        SetAction(Run);
    }

    private int Run(ParseResult parse)
    {
        using Compute device = compute.Open(parse);
        string name = parse.GetValue(model) ?? SharedOptions.DefaultModel;
        Network network = ModelRecipe.Find(name).Create(Images, 10);
        int batch = parse.GetValue(batchSize) ?? 100;
        using InterleavedBenchmark benchmark = new(network, device, Compared(parse), batch);
        if (device.Advice is { } advice)
            console.Note(advice);
        benchmark.Run(console, parse.GetValue(warmUp) ?? DefaultWarmUp, parse.GetValue(steps) ?? DefaultSteps);

        IReadOnlyList<BenchResult> results = benchmark.Results(name, parse.GetValue(profile) ? ProfileRepeats : 0);
        if (parse.GetValue(json))
            WriteJson(results);
        else
            WriteTables(results, device);
        return ExitCode.Success;
    }

    /// <summary>Every rule under every sharing; a plain one, which shares nothing, once.</summary>
    private IReadOnlyList<DropoutSettings> Compared(ParseResult parse)
    {
        DropoutRule[] compared = parse.GetValue(rules) is { Length: > 0 } some ? some : DefaultRules;
        MaskSharing[] shared = parse.GetValue(sharings) is { Length: > 0 } several ? several : [MaskSharing.PerDatum];
        SiteSelection sites = parse.GetValue(dropoutAt) ?? SiteSelection.All;
        DropoutSettings[] dropouts =
        [
            .. compared.Select(
                rule => new DropoutSettings(rule, rule.Kind == DropoutKind.None ? SiteSelection.All : sites, shared[0])),
        ];
        return [.. dropouts.SelectMany(
            dropout => shared.Take(dropout.IsPlain ? 1 : shared.Length).Select(sharing => dropout with { Sharing = sharing }))];
    }

    private void WriteJson(IReadOnlyList<BenchResult> results)
    {
        foreach (BenchResult result in results)
            console.Output.WriteLine(JsonOutput.Line(result));
    }

    private void WriteTables(IReadOnlyList<BenchResult> results, Compute device)
    {
        console.Output.WriteLine($"{results[0].Model}, batches of {results[0].BatchSize} images, {device}");
        ResultTable table = new(console, "dropout", "sharing", "images/s", "ms a step", "p10", "p90", "time ratio",
            "bytes allocated", "arena MB", "needed MB");
        foreach (BenchResult result in results)
        {
            table.AddRow(
                result.Dropout, result.MaskSharing, $"{result.ImagesPerSecond:n0}", $"{result.MedianMs:f2}", $"{result.P10Ms:f2}",
                $"{result.P90Ms:f2}",
                $"{result.Ratio:f3}", $"{result.AllocatedBytesPerStep:n0}", $"{result.ArenaBytes / 1e6:f1}",
                $"{result.BytesForGradients / 1e6:f1}");
        }

        table.Write();
        foreach (BenchResult result in results.Where(result => result.Profile is not null))
            WriteProfile($"{result.Dropout} {result.MaskSharing}", result.Profile!);
    }

    private void WriteProfile(string rule, IReadOnlyList<KernelTime> kernels)
    {
        double sum = kernels.Sum(kernel => kernel.Ms);
        ResultTable table = new(console, $"kernels, {rule}", "ms", "share");
        foreach (KernelTime kernel in kernels)
        {
            string[] works = kernel.Kernel.Split("; ");
            table.AddRow(works[0], $"{kernel.Ms:f3}", $"{kernel.Ms / sum:p1}");
            foreach (string work in works.Skip(1))
                table.AddRow($"  {work}", "", "");
        }

        table.AddRow("sum", $"{sum:f3}", "");
        console.Output.WriteLine();
        table.Write();
    }
}
