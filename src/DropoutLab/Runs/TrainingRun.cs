using DropoutLab.Backends;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Storage;
using DropoutLab.Training;

namespace DropoutLab.Runs;

/// <summary>
/// A training run in a folder of its own: config.json, a line an epoch in metrics.jsonl, and a checkpoint after each epoch, from
/// which a run that was interrupted goes on to the same result as one that was not.
/// </summary>
public sealed class TrainingRun : IDisposable
{
    /// <summary>Who looks whether the folder is in use keeps it for a moment.</summary>
    private static readonly TimeSpan PatienceWithReaders = TimeSpan.FromSeconds(1);

    private readonly FileStream folderLock;

    private TrainingRun(string folder, RunConfiguration configuration, Trainer trainer, FileStream folderLock)
    {
        Folder = folder;
        Configuration = configuration;
        Trainer = trainer;
        this.folderLock = folderLock;
    }

    /// <summary>Where the run lies.</summary>
    public string Folder { get; }

    /// <summary>What the result depends on.</summary>
    public RunConfiguration Configuration { get; }

    /// <summary>What trains it.</summary>
    public Trainer Trainer { get; }

    /// <summary>Whether a folder holds a run, finished or not.</summary>
    public static bool Exists(string folder) => File.Exists(Path.Combine(folder, RunConfiguration.FileName));

    /// <summary>Starts a run in a folder, or goes on with the one in it.</summary>
    /// <param name="folder">Made if it is not there.</param>
    /// <param name="configuration">
    /// The run's settings; those of a run to go on with must be the same. Where it has <see cref="RunConfiguration.Data"/>, the
    /// data must be those.
    /// </param>
    /// <param name="data">The data set that the configuration names.</param>
    /// <param name="backend">The backend that the configuration names; it stays the caller's.</param>
    /// <param name="resume">Whether to go on with a run that is there; without, a run that is there is an error.</param>
    /// <exception cref="DropoutLabException">
    /// The folder cannot be written, is in use, or holds another run, or one on other data; or the run is one in 64 bits.
    /// </exception>
    public static TrainingRun Open(string folder, RunConfiguration configuration, ImageDataset data, Backend backend, bool resume)
    {
        RequireFree(folder, resume);
        return Open(folder, configuration, configuration.CreateTrainer(data, backend), resume);
    }

    /// <summary>The same with a trainer that is there.</summary>
    /// <param name="folder">Made if it is not there.</param>
    /// <param name="configuration">
    /// The run's settings, which the trainer was made by. Where it has <see cref="RunConfiguration.Data"/>, the data must be
    /// those.
    /// </param>
    /// <param name="trainer">At its beginning; the run's from now on.</param>
    /// <param name="resume">Whether to go on with a run that is there.</param>
    /// <inheritdoc cref="Open(string, RunConfiguration, ImageDataset, Backend, bool)" path="/exception"/>
    public static TrainingRun Open(string folder, RunConfiguration configuration, Trainer trainer, bool resume)
    {
        FileStream? folderLock = null;
        try
        {
            if (trainer.Data.Digests is { } digests)
                configuration.Data?.Require($"{folder} is to hold a run", trainer.Data.NameAndLocation, digests);
            configuration = configuration with { Data = trainer.Data.Digests };
            Checkpoint.RequireHoldable(trainer);
            folderLock = FolderLock.Take(folder, PatienceWithReaders);
            RequireFree(folder, resume); // another process may have been quicker
            AtomicFile.DeleteLeftovers(folder);
            if (!File.Exists(Checkpoint.PathIn(folder)))
                configuration.From?.Load(trainer);
            configuration = Exists(folder) ? GoOn(folder, configuration, trainer) : Begin(folder, configuration);
            trainer.ShareState();
            return new TrainingRun(folder, configuration, trainer, folderLock);
        }
        catch
        {
            folderLock?.Dispose();
            trainer.Dispose();
            throw;
        }
    }

    /// <summary>Checks that a run in a folder would take the place of no other's.</summary>
    /// <exception cref="DropoutLabException">
    /// It holds a run and that is not to be gone on with, or files of a run whose configuration is gone.
    /// </exception>
    public static void RequireFree(string folder, bool resume)
    {
        if (Exists(folder) && !resume)
            throw new DropoutLabException($"{folder} already holds a run: go on with it, or choose another folder");
        if (!Exists(folder) && OfAnother(folder) is [_, ..] files)
            throw new DropoutLabException(
                $"{folder} holds {string.Join(" and ", files)} of a run whose {RunConfiguration.FileName} is gone: "
                + "put that back, or choose another folder");
    }

    /// <summary>Trains until the last epoch.</summary>
    /// <param name="epochDone">Told after each epoch, once its line and its checkpoint are on the disk.</param>
    /// <param name="progress">Told after each step.</param>
    /// <param name="cancellation">Stops between two steps; opened anew, the run can be resumed.</param>
    /// <exception cref="InvalidOperationException">An earlier call was broken off within an epoch.</exception>
    public void Execute(Action<EpochMetrics>? epochDone = null, IProgress<StepProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        while (!Trainer.IsFinished)
        {
            EpochMetrics metrics = Trainer.RunEpoch(progress, cancellation);
            // The line first: a resumed run drops lines beyond its checkpoint, but could not make up for one that is missing.
            MetricsFile.Append(Folder, metrics with { RunId = Configuration.RunId });
            Checkpoint.WriteOf(Configuration, Folder, Trainer);
            if (IsBest(metrics))
                Checkpoint.Write(Path.Combine(Folder, Checkpoint.BestName), Trainer);
            epochDone?.Invoke(metrics);
        }
    }

    /// <summary>
    /// Trains with process 0, which opens and executes the run; this one writes nothing.
    /// </summary>
    /// <param name="trainer">Made as that of process 0, of the same processes.</param>
    /// <param name="progress">Told after each step.</param>
    /// <param name="cancellation">Stops all processes between two steps.</param>
    public static void Follow(
        Trainer trainer, IProgress<StepProgress>? progress = null, CancellationToken cancellation = default)
    {
        trainer.ShareState();
        while (!trainer.IsFinished)
            trainer.RunEpoch(progress, cancellation);
    }

    /// <summary>Lets another process go on with the run.</summary>
    public void Dispose()
    {
        Trainer.Dispose();
        folderLock.Dispose();
    }

    /// <summary>Whether no earlier period's embeddings fit the scored pairs as well.</summary>
    private bool IsBest(EpochMetrics metrics) => metrics.Further.TryGetValue(SentenceTraining.SpearmanName, out double own)
        && !MetricsFile.Read(Folder).Any(other =>
            other.Epoch < metrics.Epoch && other.Further.GetValueOrDefault(SentenceTraining.SpearmanName, -2) >= own);

    private static string[] OfAnother(string folder) =>
        [.. new[] { MetricsFile.FileName, Checkpoint.FileName }.Where(name => File.Exists(Path.Combine(folder, name)))];

    private static RunConfiguration Begin(string folder, RunConfiguration configuration)
    {
        RunConfiguration begun = configuration with { RunId = configuration.Digest() };
        begun.Write(folder);
        return begun;
    }

    private static RunConfiguration GoOn(string folder, RunConfiguration configuration, Trainer trainer)
    {
        RunConfiguration saved = RunConfiguration.Read(folder);
        if (configuration.FirstDifference(saved) is var (name, mine, theirs))
            throw new DropoutLabException(
                $"{folder} holds a run with {name} {theirs}, not {mine}: use its settings, or another folder",
                name, mine);
        saved.Data?.Require($"{folder} holds a run", trainer.Data.NameAndLocation, trainer.Data.Digests!);
        string checkpoint = Checkpoint.PathIn(folder);
        MetricsFile.ReadOf(saved, folder);
        if (File.Exists(checkpoint))
        {
            Checkpoint.Restore(checkpoint, trainer);
            Checkpoint.RequireOf(saved, folder);
        }

        MetricsFile.KeepUpTo(folder, trainer.CompletedEpochs);
        return configuration with { RunId = saved.RunId };
    }
}
