using System.CommandLine;
using DropoutLab.Backends;
using DropoutLab.Classification;
using DropoutLab.Cli.Display;
using DropoutLab.Cli.Options;
using DropoutLab.Data;
using DropoutLab.Data.Text;
using DropoutLab.Objectives;
using DropoutLab.Runs;
using DropoutLab.Sentences;
using DropoutLab.Training;

namespace DropoutLab.Cli.Commands;

/// <summary>Accuracy, loss and calibration error of a run's checkpoint.</summary>
internal sealed class EvaluateCommand : Command
{
    private readonly CommandConsole console;
    private readonly Argument<string> folder = CommandOption.PathArgument("RUN", "The run's folder");
    private readonly Option<int?> monteCarlo = CommandOption.Create(
        "--monte-carlo", "K", "Also evaluate the mean prediction of K passes with dropout on, each with fresh masks", "none",
        CommandOption.WholeNumber(1, MonteCarloEvaluation.MostPasses));
    private readonly Option<ulong?> seed = CommandOption.Create(
        "--seed", "N", "What the masks of the K passes derive from", "the run's", CommandOption.Seed);
    private readonly Option<string[]?> sts = new("--sts")
    {
        HelpName = "FILE…",
        AllowMultipleArgumentsPerToken = true,
        Description = "Scored pairs in the STS Benchmark's form, for an encoder of sentences: a run's, or a pretrained one's "
            + "[default: none]",
    };

    private readonly Option<string?> pooling = EncoderOptions.PoolingOption();
    private readonly Option<string?> dataDirectory = SharedOptions.DataDirectory();
    private readonly ComputeOptions compute;
    private readonly Option<bool> json = CommandOption.Flag("--json", "Print one JSON object");

    public EvaluateCommand(CommandConsole console)
        : base("evaluate",
            "Evaluate a run's checkpoint on the test set: accuracy, loss and calibration error, without dropout and with it.")
    {
        this.console = console;
        Add(folder);
        Add(monteCarlo);
        Add(seed);
        Add(sts);
        Add(pooling);
        Add(dataDirectory);
        compute = new ComputeOptions(this, ofRun: true);
        Add(json);
        SetAction(Run);
    }

    private int Run(ParseResult parse)
    {
        string path = parse.GetRequiredValue(folder);
        int? passes = parse.GetValue(monteCarlo);
        if (parse.GetValue(sts) is [_, ..] files)
            return RunSts(parse, path, files);
        RunConfiguration configuration = ReadConfiguration(path, passes, parse.GetValue(seed));
        ulong maskSeed = parse.GetValue(seed) ?? configuration.Seed;
        bool asJson = parse.GetValue(json);
        using Compute device = compute.Open(parse, configuration);
        if (device.Advice is { } advice)
            console.Note(advice);
        // A note goes to standard error, unlike what a download shows.
        RunData data = DatasetLoading.Load(console, configuration, parse.GetValue(dataDirectory), quiet: asJson, notes: true);
        configuration = configuration with { Precision = device.Precision };
        using Trainer trainer = configuration.CreateTrainer(data.Training, device.Backend);
        Checkpoint.Restore(Checkpoint.PathIn(path), trainer);
        Checkpoint.RequireOf(configuration, path);
        if (configuration.Objective is MeanSquareError)
            return WriteError(path, trainer, data.Test, asJson);
        Evaluation test = trainer.Classify(data.Test, console.Cancellation);
        MonteCarloEvaluation? dropped = passes is { } count ? EvaluateMonteCarlo(trainer, data.Test, count, maskSeed) : null;
        Result result = new(path, trainer.CompletedEpochs, test, data.Test.Unit, dropped, maskSeed, device.Precision);
        if (asJson)
            WriteJson(result);
        else
            WriteText(result, configuration);
        if (dropped is { PassesDiffer: false })
            console.Note(
                $"{configuration.Dropout} drops nothing in the forward pass: all passes are alike, and their mean is the "
                    + "evaluation without dropout");
        return ExitCode.Success;
    }

    private int RunSts(ParseResult parse, string path, string[] files)
    {
        if (parse.GetValue(monteCarlo) is not null)
            throw new DropoutLabException("--monte-carlo is for probabilities of classes; --sts has none");
        (string File, IReadOnlyList<StsPair> Pairs)[] all = [.. files.Select(file => (file, StsFile.Read(file)))];
        using Compute device = compute.OpenForSentences(parse);
        using SentenceEncoder encoder = EncoderOptions.Open(path, parse.GetValue(pooling), device);
        foreach ((string file, IReadOnlyList<StsPair> pairs) in all)
        {
            StsMetrics metrics = encoder.Evaluate(pairs, console.Cancellation);
            string name = Path.GetFileName(file);
            console.Output.WriteLine(parse.GetValue(json)
                ? JsonOutput.Line(new { Sts = name, metrics.Pairs, metrics.Spearman, metrics.Alignment, metrics.Uniformity })
                : $"{name}: {metrics.Pairs:n0} pairs, Spearman {metrics.Spearman:f4}, alignment {metrics.Alignment:f4}, "
                    + $"uniformity {metrics.Uniformity:f4}");
        }

        return ExitCode.Success;
    }

    /// <summary>Finds before any work whether the run can be evaluated as it is asked for.</summary>
    private RunConfiguration ReadConfiguration(string path, int? passes, ulong? seed)
    {
        if (seed is not null && passes is null)
            throw new DropoutLabException("--seed is for the masks of --monte-carlo K; without that, nothing is drawn");
        RunConfiguration configuration = RunConfiguration.Read(path);
        if (configuration.Sentences is not null)
            throw new DropoutLabException($"{path} is a run on sentences: add --sts FILE, scored pairs to evaluate it on");
        if (!File.Exists(Checkpoint.PathIn(path)))
            throw new DropoutLabException(
                $"{path} has no checkpoint: the run has not completed an epoch; go on with it: {console.Program} train --resume "
                    + $"--out {CommandConsole.Quoted(path)}");
        if (passes is not null && configuration.ToDropout().IsPlain)
            throw new DropoutLabException(
                $"--monte-carlo needs a run with dropout; {path} was trained with {configuration.Dropout}");
        if (passes is not null && configuration.Objective is MeanSquareError)
            throw new DropoutLabException(
                $"--monte-carlo evaluates probabilities of classes, {path} predicts numbers: see predict --monte-carlo");
        return configuration;
    }

    private MonteCarloEvaluation EvaluateMonteCarlo(Trainer trainer, BatchSource data, int passes, ulong maskSeed)
    {
        MonteCarloEvaluation Evaluate(IProgress<double>? progress) =>
            trainer.EvaluateMonteCarlo(data, passes, maskSeed, progress, console.Cancellation);
        return console.IsTerminal ? EvaluationBar.Show(console.Ansi, $"{passes} passes", Evaluate) : Evaluate(null);
    }

    private void WriteJson(Result result) => console.Output.WriteLine(JsonOutput.Line(new
    {
        result.Run,
        result.Epoch,
        TestLoss = result.Test.Loss,
        TestAccuracy = result.Test.Accuracy,
        TestCalibrationError = result.Test.CalibrationError,
        Images = CountOf(result.Test.Count, result.Unit, "images"),
        Rows = CountOf(result.Test.Count, result.Unit, "rows"),
        Precision = result.Precision.ShortName(),
        MonteCarlo = result.Dropped is not { MeanPrediction: { } mean } dropped ? null : new
        {
            dropped.Passes,
            dropped.PassesDiffer,
            Seed = result.MaskSeed,
            TestLoss = mean.Loss,
            TestAccuracy = mean.Accuracy,
            TestCalibrationError = mean.CalibrationError,
        },
    }));

    private void WriteText(Result result, RunConfiguration configuration)
    {
        (string, string?)[] run =
        [
            ("checkpoint", $"{result.Run}, after epoch {result.Epoch} of {configuration.Epochs}"),
            ("trained",
                $"{configuration.Model} on {configuration.Dataset}, dropout {configuration.Dropout}"
                    + (configuration.ToDropout().HasRatiosOfSites ? $" at {configuration.DropoutAt}" : "")),
        ];
        if (result.Dropped is { } dropped)
            FactList.Write(console, [.. run, .. Comparison(result.Test, result.Unit, dropped, result.MaskSeed)]);
        else
            FactList.Write(console, [.. run, .. Facts(result.Test, result.Unit)]);
    }

    /// <summary>How good numbers are that are predicted.</summary>
    private int WriteError(string path, Trainer trainer, BatchSource test, bool asJson)
    {
        double loss = trainer.Evaluate(test, console.Cancellation)[Objective.Loss];
        if (asJson)
            console.Output.WriteLine(JsonOutput.Line(new
            {
                Run = path,
                Epoch = trainer.CompletedEpochs,
                TestLoss = loss,
                Rows = test.Count,
                Precision = trainer.Precision.ShortName(),
            }));
        else
            FactList.Write(
                console, ("checkpoint", $"{path}, after epoch {trainer.CompletedEpochs} of {trainer.Options.Epochs}"),
                ("mean square error", $"{loss:g5} on {test.Count:n0} test {test.Unit}, so {Math.Sqrt(loss):g4} off"));
        return ExitCode.Success;
    }

    private static int? CountOf(int count, string unit, string asked) => unit == asked ? count : null;

    private static IEnumerable<(string Name, string? Value)> Facts(Evaluation test, string unit) =>
    [
        ("accuracy", $"{test.Accuracy:f4} on {test.Count:n0} test {unit}"),
        ("loss", $"{test.Loss:f4}"),
        ("calibration error", $"{test.CalibrationError:f4}"),
    ];

    private static IEnumerable<(string Name, string? Value)> Comparison(
        Evaluation test, string unit, MonteCarloEvaluation dropped, ulong maskSeed)
    {
        const int Width = -13;
        Evaluation mean = dropped.MeanPrediction;
        return
        [
            ($"test {unit}", $"{test.Count:n0}"),
            ("", $"{"no dropout",Width}mean of passes with dropout: {dropped.Passes:n0}, seed {maskSeed}"),
            Row("accuracy", result => result.Accuracy),
            Row("loss", result => result.Loss),
            Row("calibration error", result => result.CalibrationError),
        ];

        (string, string?) Row(string name, Func<Evaluation, double> value) => (name, $"{value(test),Width:f4}{value(mean):f4}");
    }

    private sealed record Result(
        string Run, int Epoch, Evaluation Test, string Unit, MonteCarloEvaluation? Dropped, ulong MaskSeed, Precision Precision);
}
