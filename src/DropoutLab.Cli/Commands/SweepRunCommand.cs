using System.CommandLine;
using System.Diagnostics;
using DropoutLab.Cli.Display;
using DropoutLab.Cli.Machine;
using DropoutLab.Cli.Options;
using DropoutLab.Data;
using DropoutLab.Experiments;
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
    private readonly Option<string?> folder = OutputFolder.Option("The run's folder", "none");

    public SweepRunCommand(CommandConsole console)
        : base(CommandName, "A run of a sweep; started by sweep.")
    {
        this.console = console;
        Hidden = true;
        settings = new TrainSettings(this);
        compute = new ComputeOptions(this);
        Add(dataDirectory);
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
            ["precision"] = run.Configuration.Precision,
            ["threads"] = $"{threads}",
            ["seed"] = $"{run.Seed}",
            ["out"] = folder,
        };
        if (dataDirectory is not null)
            all["data-dir"] = dataDirectory;
        return [CommandName, .. TrainRunSettings.Arguments(all)];
    }

    private int Run(ParseResult parse)
    {
        CancellationToken cancellation = ParentWatch.Begin(console.Cancellation);
        string path = parse.GetValue(folder) ?? throw new DropoutLabException("--out is missing");
        RunConfiguration? saved = TrainingRun.Exists(path) ? RunConfiguration.Read(path) : null;
        using Compute device = compute.Open(parse, saved);
        device.RequireThreadsOf(saved);
        RunConfiguration configuration = settings.Configure(parse, saved, device);
        ImageDataset data = DatasetLoading.Load(console, configuration.Dataset, parse.GetValue(dataDirectory), quiet: true);
        using TrainingRun run = TrainingRun.Open(path, configuration, data, device.Backend, resume: true);
        Reporter reporter = new(console.Output, run.Trainer);
        try
        {
            run.Execute(reporter.EpochDone, console.Steps.Before(reporter), cancellation);
        }
        catch (OperationCanceledException)
        {
            return console.Fail($"interrupted after {run.Trainer.CompletedEpochs} of {configuration.Epochs} epochs", ExitCode.Interrupted);
        }

        return ExitCode.Success;
    }

    /// <summary>Writes a line now and then, from the thread that trains.</summary>
    private sealed class Reporter : IProgress<StepProgress>
    {
        private const double LinesPerSecond = 3;

        private readonly TextWriter output;
        private readonly Trainer trainer;
        private readonly TrainingPace pace;
        private readonly Throttle throttle = new(LinesPerSecond);
        private StepProgress latest;
        private double? accuracy;

        public Reporter(TextWriter output, Trainer trainer)
        {
            this.output = output;
            this.trainer = trainer;
            pace = new TrainingPace(trainer.Options.Epochs, trainer.Options.BatchSize);
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
            pace.EpochDone(metrics, latest.StepCount * trainer.Options.BatchSize);
            Write(Current(metrics.Epoch, 0));
        }

        private RunReport Current(int completed, int step) => new(
            completed, step, trainer.StepsPerEpoch, latest.MeanLoss, accuracy,
            double.IsFinite(pace.ImagesPerSecond) ? pace.ImagesPerSecond : null, pace.TimeLeft?.TotalSeconds);

        private void Write(RunReport report) => output.WriteLine(report.Line());
    }
}
