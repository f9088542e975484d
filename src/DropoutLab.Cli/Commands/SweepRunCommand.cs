using System.CommandLine;
using System.Diagnostics;
using DropoutLab.Backends;
using DropoutLab.Classification;
using DropoutLab.Cli.Display;
using DropoutLab.Cli.Machine;
using DropoutLab.Cli.Options;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Experiments;
using DropoutLab.Runs;
using DropoutLab.Training;

namespace DropoutLab.Cli.Commands;

/// <summary>One run of a sweep, in a process of its own: train --resume that reports in JSON and ends with its parent.</summary>
internal sealed class SweepRunCommand : Command
{
    public const string CommandName = "sweep-run";

    private readonly CommandConsole console;
    private readonly TrainSettings settings;
    private readonly ComputeOptions compute;
    private readonly Option<string?> dataDirectory = SharedOptions.DataDirectory();
    private readonly Option<DataDigests?> dataDigests = CommandOption.Create(
        "--data-digests", "TRAIN/TEST", "The digests of the data that the sweep found", "any data will do", ReadDigests);

    private readonly Option<string?> folder = OutputFolder.Option("The run's folder", "none");

    public SweepRunCommand(CommandConsole console)
        : base(CommandName, "A run of a sweep; started by sweep.")
    {
        this.console = console;
        Hidden = true;
        settings = new TrainSettings(this);
        compute = new ComputeOptions(this);
        Add(dataDirectory);
        Add(dataDigests);
        Add(folder);
        SetAction(Run);
    }

    /// <summary>The arguments that train a run in a folder.</summary>
    public static IEnumerable<string> ArgumentsFor(SweepRun run, string folder, string? dataDirectory)
    {
        // The weights of a run that is gone on with depend on how many threads it began with.
        int threads = TrainingRun.Exists(folder) ? RunConfiguration.Read(folder).Threads : run.Configuration.Threads;
        Dictionary<string, string> all = new(run.Cell.Settings)
        {
            // What auto was when the sweep was begun: here and now it may be something else.
            ["backend"] = run.Configuration.Backend,
            ["precision"] = run.Configuration.Precision.ShortName(),
            ["threads"] = $"{threads}",
            ["seed"] = $"{run.Seed}",
            ["out"] = folder,
        };
        if (dataDirectory is not null)
            all["data-dir"] = dataDirectory;
        if (run.Configuration.Data is { } digests)
            all["data-digests"] = $"{digests.Train}/{digests.Test}";
        return [CommandName, .. TrainRunSettings.Arguments(all)];
    }

    private int Run(ParseResult parse)
    {
        CancellationToken cancellation = ParentWatch.Begin(console.Cancellation);
        string path = parse.GetValue(folder) ?? throw new DropoutLabException("--out is missing");
        RunConfiguration? saved = TrainingRun.Exists(path) ? RunConfiguration.Read(path) : null;
        using Compute device = compute.Open(parse, saved);
        device.RequireThreadsOf(saved);
        RunConfiguration configuration = settings.Configure(parse, saved, device) with { Data = parse.GetValue(dataDigests) };
        RunData data = DatasetLoading.Load(console, configuration, parse.GetValue(dataDirectory), quiet: true, notes: false);
        using TrainingRun run = TrainingRun.Open(
            path, configuration, configuration.CreateTrainer(data.Training, device.Backend), resume: true);
        Reporter reporter = new(console.Output, run.Trainer);
        try
        {
            run.Execute(reporter.EpochDone, console.Steps.Before(reporter), cancellation);
        }
        catch (OperationCanceledException)
        {
            return console.Fail(
                $"interrupted after {run.Trainer.CompletedEpochs} of {configuration.Epochs} epochs", ExitCode.Interrupted);
        }

        return ExitCode.Success;
    }

    private static DataDigests ReadDigests(string text) => text.Split('/') is [var train, var test]
        ? new DataDigests(train, test)
        : throw new DropoutLabException($"'{text}' are not two digests");

    /// <summary>Writes a line now and then, from the thread that trains.</summary>
    private sealed class Reporter : IProgress<StepProgress>
    {
        private const double LinesPerSecond = 3;

        private readonly TextWriter output;
        private readonly Trainer trainer;
        private readonly TrainingPace pace;
        private readonly Throttle throttle = new(LinesPerSecond);
        private StepProgress latest;
        private readonly CollapseWatch watch;
        private double? accuracy;
        private string? collapse;

        public Reporter(TextWriter output, Trainer trainer)
        {
            this.output = output;
            this.trainer = trainer;
            pace = new TrainingPace(trainer.Options.Epochs, trainer.Options.BatchSize);
            watch = new CollapseWatch(trainer);
            Write(new RunReport(trainer.CompletedEpochs, 0, trainer.StepsPerEpoch));
        }

        public void Report(StepProgress value)
        {
            long now = Stopwatch.GetTimestamp();
            latest = value;
            pace.StepDone(value, now);
            if (throttle.Pass(now))
                Write(Current(trainer.CompletedEpochs, value.Step));
        }

        public void EpochDone(EpochMetrics metrics)
        {
            accuracy = metrics.TestAccuracy;
            collapse ??= watch.Take(metrics);
            pace.EpochDone(metrics, latest.StepCount * trainer.Options.BatchSize);
            Write(Current(metrics.Epoch, 0));
        }

        private RunReport Current(int completed, int step) => new(
            completed, step, trainer.StepsPerEpoch, latest.MeanLoss, accuracy,
            double.IsFinite(pace.ImagesPerSecond) ? pace.ImagesPerSecond : null, pace.TimeLeft?.TotalSeconds, collapse);

        private void Write(RunReport report) => output.WriteLine(report.Line());
    }
}
