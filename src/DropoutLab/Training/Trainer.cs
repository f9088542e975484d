using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using DropoutLab.Backends;
using DropoutLab.Collectives;
using DropoutLab.Data;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Random;

namespace DropoutLab.Training;

/// <summary>
/// Trains a network for an objective on data, an epoch at a time. Everything is a function of the seed and the number of the
/// step, so that an epoch's result depends only on the parameters and the optimiser's state at its start.
/// </summary>
/// <remarks>
/// A trainer and its backend do one thing at a time, and who asks for another waits: trainings side by side take a backend each.
/// </remarks>
public sealed class Trainer : IDisposable
{
    /// <summary>
    /// The last numbers that a step can have: no training comes to them, so that passes which need masks of their own take
    /// theirs.
    /// </summary>
    internal const int ReservedSteps = 10_000;

    private readonly Backend backend;
    private readonly MeasuredCollective collective;
    private readonly Dictionary<MinibatchPart, NetworkPlan> training = [];
    private readonly IReadOnlyList<BatchInput> needed; // what a batch must fill
    private readonly Evaluator evaluator;
    private readonly OptimizerStep update;
    private readonly StepSum stepSum;
    private readonly Lock epochs = new();
    private bool isBrokenOff;

    /// <param name="network">What to train.</param>
    /// <param name="objective">What for.</param>
    /// <param name="data">What to train it on; its inputs must be those that network and objective take.</param>
    /// <param name="options">How.</param>
    /// <param name="backend">What computes; it stays the caller's.</param>
    /// <param name="collective">
    /// The processes that train together, each with a trainer made alike; null for this one alone. Call <see cref="ShareState"/>
    /// in all of them before the first epoch.
    /// </param>
    /// <exception cref="DropoutLabException">
    /// The options, the data, the network and the objective do not fit together.
    /// </exception>
    public Trainer(
        Network network, Objective objective, TrainingData data, TrainingOptions options, Backend backend,
        ICollective? collective = null)
    {
        this.collective = new MeasuredCollective(collective ?? new SingleProcess());
        options.Validate();
        RequireParts(objective, this.collective.Size);
        if (options.Precision is { } asked)
            backend.RequireSupport(asked);
        (Network, Objective, Data, this.backend, Options) = (network, objective, data, backend, options);
        needed = [.. network.Inputs, .. objective.Targets(network.Build(data.Train.Views, DropoutSettings.None).Outputs)];
        data.CheckFit(needed, network.Name);
        CheckDropout(network, data.Train.Count, options, data.Train.Views, this.collective.Size);
        CheckSteps(data.Train.Count, options);
        Parameters = new ParameterStore(network.Parameters, options.Precision ?? backend.PreferredPrecision);
        update = backend.Compile(options.Optimizer, Parameters);
        Parameters.Initialise(options.Seed);
        stepSum = new StepSum(this.collective, Parameters);
        evaluator = new Evaluator(network, objective, DropoutSettings.None, backend, Parameters);
    }

    /// <summary>What is trained.</summary>
    public Network Network { get; }

    /// <summary>What it is trained for.</summary>
    public Objective Objective { get; }

    /// <summary>What it is trained and evaluated on.</summary>
    public TrainingData Data { get; }

    /// <summary>How it is trained.</summary>
    public TrainingOptions Options { get; }

    /// <summary>What the steps compute in.</summary>
    public Precision Precision => Parameters.Precision;

    /// <summary>Weights, gradients and the optimiser's state.</summary>
    public ParameterStore Parameters { get; }

    /// <summary>How many epochs the parameters have seen.</summary>
    public int CompletedEpochs { get; private set; }

    /// <summary>Whether all epochs are done.</summary>
    public bool IsFinished => CompletedEpochs >= Options.Epochs;

    /// <summary>Steps of an epoch, of which the last may have fewer data.</summary>
    public int StepsPerEpoch => StepsOfAnEpoch(Data.Train.Count, Options.BatchSize);

    /// <summary>
    /// Called in every step when the store holds its gradients, all processes' together, before the update: what is changed in
    /// them counts.
    /// </summary>
    public Action<ParameterStore>? GradientsReady { get; init; }

    /// <summary>Numbers by name that an epoch's metrics have besides the objective's, of the parameters at its end.</summary>
    public Func<CancellationToken, IReadOnlyDictionary<string, double>>? FurtherMetrics { get; init; }

    /// <summary>Trains for one epoch and evaluates.</summary>
    /// <param name="progress">
    /// Told after every step, when <see cref="Parameters"/> hold its gradients, before the next. <see cref="Progress{T}"/> passes
    /// it on later.
    /// </param>
    /// <param name="cancellation">Stops between two steps; the parameters are then those of an unfinished epoch.</param>
    /// <exception cref="DropoutLabException">The loss is no longer a number.</exception>
    /// <exception cref="InvalidOperationException">
    /// All epochs are done, or an epoch was broken off: the parameters are to be restored first, and <see cref="ContinueAfter"/>
    /// called.
    /// </exception>
    public EpochMetrics RunEpoch(IProgress<StepProgress>? progress = null, CancellationToken cancellation = default)
    {
        lock (epochs)
            return NextEpoch(progress, cancellation);
    }

    /// <summary>The objective's metrics over some data, without dropout: each a mean over them.</summary>
    /// <param name="data">What to evaluate on.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <exception cref="DropoutLabException">The data are not such as network and objective take.</exception>
    public IReadOnlyDictionary<string, double> Evaluate(BatchSource data, CancellationToken cancellation = default)
    {
        CheckFit(data);
        return evaluator.Evaluate(data, cancellation);
    }

    /// <summary>Takes over the state of a checkpoint, whose arrays the caller has written to <see cref="Parameters"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 0.</exception>
    public void ContinueAfter(int completedEpochs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(completedEpochs);
        CompletedEpochs = completedEpochs;
        isBrokenOff = false;
    }

    /// <summary>
    /// Gives all processes of a training the state of the first: its epochs, parameters and what the optimiser keeps. Every
    /// process calls it before its first epoch, and after a checkpoint was restored in the first.
    /// </summary>
    /// <exception cref="DropoutLabException">A process has other options or data than the first.</exception>
    public void ShareState()
    {
        if (collective.Size == 1)
            return;
        BetweenEpochs(() =>
        {
            RequireAlike();
            int[] epochs = [CompletedEpochs];
            collective.Broadcast(MemoryMarshal.AsBytes(epochs.AsSpan()));
            foreach (string name in (string[])[ParameterArray.Value.Name, .. Options.Optimizer.State])
                collective.Broadcast(Parameters.All<byte>(new ParameterArray(name)));
            ContinueAfter(epochs[0]);
        });
        GC.KeepAlive(Parameters);
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        lock (backend.Gate)
        {
            foreach (NetworkPlan plan in training.Values)
                plan.Dispose();
            evaluator.Dispose();
            Parameters.Dispose();
        }
    }

    /// <summary>The steps that were trained so far.</summary>
    internal long CompletedSteps => (long)CompletedEpochs * StepsPerEpoch;

    /// <summary>Passes without dropout over the parameters as they are.</summary>
    internal Evaluator Evaluator => evaluator;

    /// <summary>Passes under another setting of dropout over the parameters as they are.</summary>
    internal Evaluator EvaluatorUnder(DropoutSettings dropout) => new(Network, Objective, dropout, backend, Parameters);

    /// <exception cref="DropoutLabException">The data are not such as network and objective take.</exception>
    internal void CheckFit(BatchSource data) => data.CheckFit(needed, Network.Name);

    /// <summary>Does something with the parameters while no epoch is under way and nobody computes.</summary>
    internal void BetweenEpochs(Action action)
    {
        lock (epochs)
        {
            lock (backend.Gate)
                action();
        }
    }

    /// <summary>The parameters are those of a whole number of epochs.</summary>
    internal void RequireWhole()
    {
        if (isBrokenOff)
        {
            throw new InvalidOperationException(
                $"epoch {CompletedEpochs + 1} was broken off: the parameters are those of no epoch, and have to be restored");
        }
    }

    /// <summary>
    /// Builds the networks that the steps of an epoch need, so that what does not fit is refused before the first.
    /// </summary>
    /// <exception cref="DropoutLabException">
    /// A site is not the network's, the sharing does not fit one, or a batch is too small to be normalised.
    /// </exception>
    internal static void CheckDropout(
        Network network, int trainCount, TrainingOptions options, int views = 1, int processes = 1)
    {
        int whole = Math.Min(options.BatchSize, trainCount), last = trainCount % whole;
        CheckNormalised(network.Build(Normalised(whole) * views, options.Dropout), $"a batch of {whole}: choose a larger one");
        if (last == 0)
            return;
        CheckNormalised(
            network.Build(Normalised(last) * views, options.Dropout),
            $"the last batch of an epoch, {last} of {trainCount} data in batches of {whole}: choose a batch size that leaves "
                + "none or more");

        // The smallest part of those that are normalised by themselves.
        int Normalised(int size) =>
            options.BatchStatistics == BatchStatistics.Local ? Math.Max(1, size / processes) : size;
    }

    private EpochMetrics NextEpoch(IProgress<StepProgress>? progress, CancellationToken cancellation)
    {
        if (IsFinished)
            throw new InvalidOperationException($"all {Options.Epochs} epochs are done");
        RequireWhole();
        double learningRate = LearningRateAt(CompletedSteps);
        isBrokenOff = true;
        long start = Stopwatch.GetTimestamp();
        TimeSpan communicated = collective.Elapsed;
        double trainLoss = TrainEpoch(progress, cancellation);
        double trainingSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        IReadOnlyDictionary<string, double> test = evaluator.Evaluate(Data.Test, collective, cancellation);
        RequireFinite(test[Objective.Loss], $"the test loss of epoch {CompletedEpochs + 1}");
        Dictionary<string, double> further = new(FurtherMetrics?.Invoke(cancellation) ?? new Dictionary<string, double>());
        if (collective.Size > 1)
            further.Add(EpochMetrics.CommunicationSeconds, (collective.Elapsed - communicated).TotalSeconds);
        CompletedEpochs++;
        isBrokenOff = false;
        return new EpochMetrics(
            CompletedEpochs, trainLoss, test, Data.Train.Unit, Data.Train.Count / trainingSeconds, learningRate,
            Stopwatch.GetElapsedTime(start).TotalSeconds)
        { Further = further };
    }

    private double TrainEpoch(IProgress<StepProgress>? progress, CancellationToken cancellation)
    {
        EpochDraws draws = new(new RandomFunction(Options.Seed), (uint)CompletedEpochs);
        ReadOnlyMemory<int> order = draws.Random.Permutation(Data.Train.Count, draws.Epoch);
        double sum = 0;
        for (int i = 0; i < StepsPerEpoch; i++)
        {
            if (collective.Size == 1)
                cancellation.ThrowIfCancellationRequested();
            int begin = i * Options.BatchSize;
            sum += Step(
                order.Slice(begin, Math.Min(Options.BatchSize, order.Length - begin)), CompletedSteps + i, draws, cancellation);
            progress?.Report(new StepProgress(CompletedEpochs + 1, i + 1, StepsPerEpoch, sum / (i + 1)));
        }

        RequireFiniteParameters();
        return sum / StepsPerEpoch;
    }

    private double Step(ReadOnlyMemory<int> numbers, long step, EpochDraws draws, CancellationToken cancellation)
    {
        lock (backend.Gate)
        {
            MinibatchPart part = MinibatchPart.Of(numbers.Length, collective);
            if (!training.TryGetValue(part, out NetworkPlan? plan))
                training.Add(part, plan = PlanFor(part));
            plan.Load(Data.Train, numbers.Slice(part.Begin, part.Computed), draws);
            plan.Run(Options.Seed, (uint)step, (uint)(part.Begin * Data.Train.Views));
            double loss = stepSum.Run(plan.Loss, part, cancellation);
            RequireFinite(loss, $"the loss of step {step + 1}");
            GradientsReady?.Invoke(Parameters);
            update.Run(LearningRateAt(step), step);
            return loss;
        }
    }

    private NetworkPlan PlanFor(MinibatchPart part)
    {
        int own = part.Computed * Data.Train.Views, whole = part.Whole * Data.Train.Views;
        bool shares = collective.Size > 1 && Options.BatchStatistics == BatchStatistics.Global;
        return Network.BuildPart(own, shares ? whole : null, Options.Dropout).PartPlan(
            backend, Parameters, Objective, collective.Size > 1 ? whole : own,
            shares ? new SharedStatistics(collective, whole, part.IsEmpty) : null);
    }

    private static void RequireParts(Objective objective, int processes)
    {
        if (processes > 1 && !objective.IsMeanOverData)
            throw new DropoutLabException(
                $"{objective.Name} is no mean over data of which each counts by itself: it is trained in one process, not "
                    + $"{processes}",
                SettingName.Objective, objective.Name);
    }

    private void RequireAlike()
    {
        byte[] own = SHA256.HashData(Encoding.UTF8.GetBytes(
            $"{Network.Name} {Objective} {Options} {Precision} {Data.Train.Count} {Data.Digests}")), first = [.. own];
        collective.Broadcast(first);
        if (!own.AsSpan().SequenceEqual(first))
            throw new DropoutLabException(
                $"process {collective.Rank} has other options or data than process 0: start all alike, on the same files");
    }

    private void RequireFinite(double loss, string what)
    {
        if (!double.IsFinite(loss))
            throw Diverged($"{what} is {loss}");
    }

    /// <summary>A maximum or a ReLU may hide from the loss that a number before it is none.</summary>
    private void RequireFiniteParameters()
    {
        lock (backend.Gate)
        {
            foreach (string name in Parameters.Parameters.Select(parameter => parameter.Name))
            {
                if (!Parameters.IsFinite(name))
                    throw Diverged($"{name} has a number that is none");
            }
        }
    }

    private DropoutLabException Diverged(string how) =>
        new($"training diverged: {how}; a learning rate below {Options.LearningRate} may be right");

    /// <exception cref="DropoutLabException">A schedule of the caller's own gives no rate.</exception>
    private double LearningRateAt(long step)
    {
        double rate = Options.Schedule.At(Options.LearningRate, step, (long)Options.Epochs * StepsPerEpoch);
        return rate >= 0 && double.IsFinite(rate)
            ? rate
            : throw new DropoutLabException(
                $"the schedule's learning rate for step {step} is {rate}: it must be a number from 0 on");
    }

    private static int StepsOfAnEpoch(int trainCount, int batchSize) => (int)(((long)trainCount + batchSize - 1) / batchSize);

    /// <summary>A step's number has 32 bits in a mask's draw.</summary>
    private static void CheckSteps(int trainCount, TrainingOptions options)
    {
        const long Most = (1L << 32) - ReservedSteps;
        long ofAnEpoch = StepsOfAnEpoch(trainCount, options.BatchSize), steps = options.Epochs * ofAnEpoch;
        if (steps > Most)
            throw new DropoutLabException(
                $"{options.Epochs} epochs of {ofAnEpoch} steps are {steps} steps: there are masks for {Most}",
                SettingName.Epochs, options.Epochs);
    }

    private static void CheckNormalised(BuiltNetwork built, string batch)
    {
        foreach ((Value average, Parameter parameter) in built.Updates)
        {
            if (BatchVariance.IsOfOneValue(average.Inputs[1]))
                throw new DropoutLabException(
                    $"{parameter.Name}: one value a channel, which has no variance, is normalised in {batch}");
        }
    }
}
