using System.CommandLine;
using DropoutLab.Backends;
using DropoutLab.Cli.Display;
using DropoutLab.Cli.Options;
using DropoutLab.Data.Text;
using DropoutLab.Dropout;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Optimization;
using DropoutLab.Recipes;
using DropoutLab.Runs;
using DropoutLab.Training;

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

    private static readonly ImageShape ImageSize = new(32, 32, 3);
    private static readonly DropoutRule[] DefaultRules =
        [DropoutRule.None, DropoutRule.Standard(0.3), DropoutRule.Forward(0.3), DropoutRule.Backward(0.3)];

    private readonly CommandConsole console;
    private readonly Option<string?> model = SharedOptions.ModelOrEncoder();
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

    private readonly Option<int?> batchSize = SharedOptions.BatchSize($"100; of sentences {SentenceOptions.UsualBatch}");
    private readonly Option<string?> sentences = SharedOptions.Sentences("Steps on sentences instead of images", "images");
    private readonly Option<string?> vocabulary = SharedOptions.Vocabulary();
    private readonly Option<Objective?> objective = CommandOption.Create<Objective>(
        "--objective", "simcse|masked-tokens", "What is minimised, of sentences", "simcse", RunConfiguration.FindObjective);

    private readonly Option<string?> pooling = SharedOptions.Pooling(SentenceOptions.UsualPooling);
    private readonly Option<int?> maxTokens = SharedOptions.MaxTokens(SentenceOptions.UsualTokens);
    private readonly ComputeOptions compute;
    private readonly Option<int?> steps = CommandOption.Create(
        "--steps", "N", "Steps to measure of each", $"{DefaultSteps}", CommandOption.WholeNumber(1, MostSteps));

    private readonly Option<int?> warmUp = CommandOption.Create(
        "--warm-up", "N", "Steps of each before measuring", $"{DefaultWarmUp}", CommandOption.WholeNumber(0, MostSteps));

    private readonly Option<bool> profile = CommandOption.Flag("--profile", "Also say what each kernel of a step takes");
    private readonly Option<bool> json = CommandOption.Flag("--json", "Print one JSON object a rule and sharing");

    public BenchCommand(CommandConsole console)
        : base("bench",
            "Measure training steps (load, forward, backward, update) on made-up 32×32×3 images or on sentences, of several "
                + "dropout rules in turn.")
    {
        this.console = console;
        Add(model);
        Add(rules);
        Add(dropoutAt);
        Add(sharings);
        Add(batchSize);
        foreach (Option option in OfSentences)
            Add(option);
        compute = new ComputeOptions(this);
        Add(steps);
        Add(warmUp);
        Add(profile);
        Add(json);
        SetAction(Run);
    }

    private IReadOnlyList<Option> OfSentences => [sentences, vocabulary, objective, pooling, maxTokens];

    private int Run(ParseResult parse)
    {
        bool areSentences = parse.GetValue(sentences) is not null;
        using Compute device = areSentences ? compute.OpenForSentences(parse) : compute.Open(parse);
        BenchedSteps steps = areSentences ? Sentences(parse, device) : Images(parse, device);
        using InterleavedBenchmark benchmark =
            new(steps, device, Compared(parse, areSentences ? Bert.OwnSites : SiteSelection.All));
        if (device.Advice is { } advice)
            console.Note(advice);
        benchmark.Run(console, parse.GetValue(warmUp) ?? DefaultWarmUp, parse.GetValue(this.steps) ?? DefaultSteps);

        IReadOnlyList<BenchResult> results = benchmark.Results(parse.GetValue(profile) ? ProfileRepeats : 0);
        if (parse.GetValue(json))
            WriteJson(results);
        else
            WriteTables(results, device);
        return ExitCode.Success;
    }

    private BenchedSteps Images(ParseResult parse, Compute device)
    {
        SentenceOptions.RefuseWithoutSentences(parse, OfSentences);
        string name = parse.GetValue(model) ?? SharedOptions.DefaultModel;
        if (Bert.Sizes.ContainsKey(name) || Directory.Exists(name))
            throw new DropoutLabException($"--model {name} is an encoder of sentences: add --sentences FILE, one a line");
        Network network = ModelRecipe.Find(name).Create(ImageSize, 10);
        int batch = parse.GetValue(batchSize) ?? 100;
        return new BenchedSteps(
            name, batch, Tokens: null,
            dropout => ImageSteps.Of(network, device.Backend, device.Precision, dropout, batch));
    }

    /// <summary>The file's first sentences, with the optimiser that sentences are trained by.</summary>
    private BenchedSteps Sentences(ParseResult parse, Compute device)
    {
        string name = parse.GetValue(model) ?? SharedOptions.DefaultModel, path = parse.GetValue(sentences)!;
        EncoderBeginning encoder = EncoderBeginning.Of(name, parse.GetValue(vocabulary));
        Objective minimised = SentenceOptions.Require(parse.GetValue(objective) ?? new SimCse());
        SentenceSettings settings = new(
            path, Sts: null, encoder.Encoder,
            SentenceSettings.PoolingOf(parse.GetValue(pooling) ?? SentenceOptions.UsualPooling), new SimCse().Temperature,
            parse.GetValue(maxTokens) ?? SentenceOptions.UsualTokens, Steps: 0, EvaluateEvery: 0);
        int batch = parse.GetValue(batchSize) ?? SentenceOptions.UsualBatch;
        using SentenceFile file = new(path, console.Cancellation);
        if (file.Count < batch)
            throw new DropoutLabException(
                $"{path} has {file.Count} sentences, a step takes {batch}: choose a smaller --batch-size");
        SentenceBatches data = settings.Batches([.. file.Take(batch)], encoder.Vocabulary, minimised);
        double[] lengths = data.Read(Enumerable.Range(0, batch).ToArray())[Bert.Lengths];
        Network network = settings.Trained(minimised);
        return new BenchedSteps(
            name, batch, (int)lengths.Sum(),
            dropout => new StepBenchmark(
                network, minimised, data, new TrainingOptions { Dropout = dropout, Optimizer = new AdamW() }, device.Backend,
                device.Precision));
    }

    /// <summary>Every rule under every sharing; a plain one, which shares nothing, once.</summary>
    private IReadOnlyList<DropoutSettings> Compared(ParseResult parse, SiteSelection standard)
    {
        DropoutRule[] compared = parse.GetValue(rules) is { Length: > 0 } some ? some : DefaultRules;
        MaskSharing[] shared = parse.GetValue(sharings) is { Length: > 0 } several ? several : [MaskSharing.PerDatum];
        SiteSelection sites = parse.GetValue(dropoutAt) ?? standard;
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
        bool areSentences = results[0].Tokens is not null;
        string unit = areSentences ? "sentences" : "images", tokens = areSentences ? $" ({results[0].Tokens} tokens)" : "";
        console.Output.WriteLine($"{results[0].Model}, batches of {results[0].BatchSize} {unit}{tokens}, {device}");
        ResultTable table = new(console, "dropout", "sharing", $"{unit}/s", "ms a step", "p10", "p90", "time ratio",
            "bytes allocated", "arena MB", "needed MB");
        foreach (BenchResult result in results)
        {
            table.AddRow(
                result.Dropout, result.MaskSharing, $"{result.ImagesPerSecond ?? result.SentencesPerSecond:n0}",
                $"{result.MedianMs:f2}", $"{result.P10Ms:f2}", $"{result.P90Ms:f2}", $"{result.Ratio:f3}",
                $"{result.AllocatedBytesPerStep:n0}", $"{result.ArenaBytes / 1e6:f1}",
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
