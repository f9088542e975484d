using System.CommandLine;
using DropoutLab.Backends;
using DropoutLab.Cli.Display;
using DropoutLab.Cli.Options;
using DropoutLab.Collectives;
using DropoutLab.Runs;
using DropoutLab.Training;

namespace DropoutLab.Cli.Commands;

/// <summary>Trains a network in a run's folder, or goes on with a run that was interrupted.</summary>
internal sealed class TrainCommand : Command
{
    /// <summary>How long process 0 has to say what went wrong in all of them.</summary>
    private static readonly TimeSpan TimeForTheFirst = TimeSpan.FromSeconds(1);

    private readonly CommandConsole console;
    private readonly TrainSettings settings;
    private readonly SentenceOptions sentences;
    private readonly ComputeOptions compute;
    private readonly Option<string?> dataDirectory = SharedOptions.DataDirectory();
    private readonly Option<string?> folder = OutputFolder.Option(
        "The run's folder: config.json, metrics.jsonl (a line an epoch) and the checkpoint", "runs/MODEL-DATASET-DROPOUT-sSEED");
    private readonly Option<bool> resume = CommandOption.Flag(
        "--resume", "Go on with the run in the folder; its settings are taken over and need not be given again");
    private readonly Option<bool> quiet = CommandOption.Flag("--quiet", "Write nothing but errors");

    public TrainCommand(CommandConsole console)
        : base("train", "Train a network; evaluate it and save a checkpoint after each epoch.")
    {
        this.console = console;
        settings = new TrainSettings(this);
        sentences = new SentenceOptions(this);
        compute = new ComputeOptions(this);
        Add(dataDirectory);
        Add(folder);
        Add(resume);
        Add(quiet);
        SetAction(Run);
    }

    private int Run(ParseResult parse)
    {
        if (MpiCollective.Join() is not { } processes)
            return Run(parse, null);
        // The others wait for one that goes away, so it ends them. What makes all fail the first one says.
        console.Failed = processes.Abort;
        try
        {
            int exitCode = processes.Rank == 0 ? Run(parse, processes) : Follow(parse, processes);
            processes.Dispose();
            return exitCode;
        }
        catch (Exception) when (processes.Rank > 0)
        {
            Thread.Sleep(TimeForTheFirst);
            throw;
        }
    }

    /// <summary>Computes its parts of what process 0 trains.</summary>
    private int Follow(ParseResult parse, ICollective processes)
    {
        RunConfiguration configuration = RunConfiguration.Share(null, processes);
        using Compute device = compute.Open(parse, configuration);
        processes.Broadcast([]);
        RunData data = DatasetLoading.Load(console, configuration, parse.GetValue(dataDirectory), quiet: true, notes: false);
        using Trainer trainer = configuration.CreateTrainer(data.Training, device.Backend, processes);
        TrainingRun.Follow(trainer, console.Steps.Before(null), console.Cancellation);
        return ExitCode.Success;
    }

    private int Run(ParseResult parse, ICollective? processes)
    {
        string path = parse.GetValue(folder) ?? settings.DefaultFolder(parse);
        bool goOn = parse.GetValue(resume), silent = parse.GetValue(quiet);
        if (TrainingRun.Exists(path) && !goOn)
            throw new DropoutLabException(
                $"{path} already holds a run: add --resume to go on with it, or choose another --out");
        // Opened, the run says so too, but only after the data set is read or even downloaded.
        TrainingRun.RequireFree(path, goOn);
        RunConfiguration? saved = goOn ? RunConfiguration.Read(path) : null;
        if (sentences.AreAsked(parse, saved, settings.OfImages))
        {
            return processes is null
                ? RunSentences(parse, path, saved, silent)
                : throw new DropoutLabException("sentences are trained in one process: start without mpirun");
        }

        using Compute device = compute.Open(parse, saved);
        device.RequireThreadsOf(saved);
        RunConfiguration configuration = settings.Configure(parse, saved, device);
        if (processes is not null)
            RunConfiguration.Share(configuration, processes);
        RunData data = DatasetLoading.Load(console, configuration, parse.GetValue(dataDirectory), silent, notes: !silent);
        processes?.Broadcast([]); // what had to be downloaded is there for all
        using TrainingRun run = TrainingRun.Open(
            path, configuration, configuration.CreateTrainer(data.Training, device.Backend, processes), goOn);
        if (!silent)
            RunSummary.Write(console, run, saved, data, device);
        return Train(run, silent, ResumeHint(parse, path));
    }

    private int RunSentences(ParseResult parse, string path, RunConfiguration? saved, bool silent)
    {
        using Compute device = compute.OpenForSentences(parse, saved);
        device.RequireThreadsOf(saved);
        using SentenceTraining training = sentences.Open(
            parse, settings, saved, path, device, out RunConfiguration configuration);
        using TrainingRun run = TrainingRun.Open(path, configuration, training.Trainer, saved is not null);
        if (!silent)
            RunSummary.Write(console, run, saved, device);
        return Train(run, silent, ResumeHint(parse, path));
    }

    private int Train(TrainingRun run, bool silent, string resumeHint)
    {
        bool wasFinished = run.Trainer.IsFinished;
        try
        {
            if (silent)
                run.Execute(progress: console.Steps.Before(null), cancellation: console.Cancellation);
            else if (!wasFinished)
                TrainingDisplay.Show(
                    console, run.Trainer, "",
                    (epochDone, progress) => run.Execute(epochDone, console.Steps.Before(progress), console.Cancellation));
        }
        catch (OperationCanceledException)
        {
            return console.Fail(
                $"interrupted after {run.Trainer.CompletedEpochs} of {run.Configuration.Epochs} epochs; go on with: {resumeHint}",
                ExitCode.Interrupted);
        }

        if (!silent)
            RunSummary.WriteEnd(console, run, wasFinished);
        return ExitCode.Success;
    }

    private string ResumeHint(ParseResult parse, string path)
    {
        string data = parse.GetValue(dataDirectory) is { } directory ? $" --data-dir {CommandConsole.Quoted(directory)}" : "";
        return $"{console.Program} train --resume --out {CommandConsole.Quoted(path)}{data}";
    }
}
