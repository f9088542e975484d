using DropoutLab.Backends;
using DropoutLab.Data;
using DropoutLab.Graph;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Objectives;

namespace DropoutLab.Training;

/// <summary>
/// A built network with its objective, compiled: inputs, targets, outputs and metrics by name. Made by
/// <see cref="NetworkPlans.TrainingPlan"/> or <see cref="NetworkPlans.EvaluationPlan"/>.
/// </summary>
/// <remarks>A run changes nothing that the next one reads: a second run of the same step gives the same bits.</remarks>
public sealed class NetworkPlan : IDisposable
{
    private readonly BuiltNetwork built;
    private readonly AppliedObjective? objective;
    private readonly Dictionary<string, Value> inputs;

    internal NetworkPlan(BuiltNetwork built, AppliedObjective? objective, Plan plan, long bytesForGradients)
    {
        (this.built, this.objective, Plan, BytesForGradients) = (built, objective, plan, bytesForGradients);
        inputs = new(built.Inputs);
        foreach ((string name, Value target) in objective?.Targets ?? new Dictionary<string, Value>())
            inputs.Add(name, target);
        Inputs = BatchInputs.Of(plan, built.BatchSize, inputs);
    }

    /// <summary>N.</summary>
    public int BatchSize => built.BatchSize;

    /// <summary>Inputs and targets, datum by datum.</summary>
    public BatchInputs Inputs { get; }

    /// <summary>Native memory of the plan.</summary>
    public long ArenaBytes => Plan.ArenaBytes;

    /// <summary>What a training step has to remember at its turning point, but for what its plan makes again.</summary>
    public long BytesForGradients { get; }

    /// <summary>J of the last run.</summary>
    /// <exception cref="InvalidOperationException">The plan has no objective.</exception>
    public double Loss => Plan.ReadScalar(Applied.Loss);

    /// <summary>The metrics' names.</summary>
    public IEnumerable<string> Metrics => objective?.Metrics.Select(metric => metric.Name) ?? [];

    internal Plan Plan { get; }

    private AppliedObjective Applied =>
        objective ?? throw new InvalidOperationException("a plan without an objective has no loss");

    /// <summary>Fills an input or a target of numbers, [N, …] in row-major order.</summary>
    /// <exception cref="DropoutLabException">There is no such input, or there are more or fewer values.</exception>
    public void Write(string input, ReadOnlySpan<float> values) => Plan.Write(InputOf(input), values);

    /// <inheritdoc cref="Write(string, ReadOnlySpan{float})"/>
    public void Write(string input, ReadOnlySpan<double> values) => Plan.Write(InputOf(input), values);

    /// <summary>Fills labels, [N].</summary>
    /// <exception cref="DropoutLabException">There is no such target, or there are more or fewer labels.</exception>
    public void Write(string input, ReadOnlySpan<int> labels) => Plan.Write(InputOf(input), labels);

    /// <summary>
    /// Gives a mask of a network that was built with masks as inputs: whether each element is kept, in row-major order.
    /// </summary>
    /// <param name="mask">One of <see cref="WeightLayer.Masks"/>.</param>
    /// <param name="keep">An element each.</param>
    /// <exception cref="DropoutLabException">There are more or fewer than the mask has elements.</exception>
    public void Write(Value mask, ReadOnlySpan<bool> keep) => Plan.Write(mask, keep);

    /// <summary>Fills inputs and targets with data of the given numbers.</summary>
    /// <param name="source">Whose.</param>
    /// <param name="numbers">N of them.</param>
    /// <param name="draws">What augmentation is drawn from; null for data as they are.</param>
    public void Load(BatchSource source, ReadOnlyMemory<int> numbers, EpochDraws? draws = null) =>
        source.Fill(Inputs, numbers, draws);

    /// <summary>The forward pass and, of a training plan, the backward pass.</summary>
    /// <param name="seed">What masks are drawn from.</param>
    /// <param name="step">The step's number, whose masks and ratios it takes.</param>
    /// <param name="firstDatum">
    /// The place in the minibatch of the plan's first datum: not 0 where others compute those before.
    /// </param>
    public void Run(ulong seed = 0, uint step = 0, uint firstDatum = 0) => Plan.Run(seed, step, firstDatum);

    /// <summary>The sum of a metric over the last run's data.</summary>
    /// <exception cref="DropoutLabException">There is no such metric.</exception>
    public double SumOf(string metric)
    {
        Metric found = Applied.Metrics.FirstOrDefault(known => known.Name == metric)
            ?? throw new DropoutLabException($"the objective has no metric {metric}; it has {string.Join(", ", Metrics)}");
        double value = Plan.ReadScalar(found.Value);
        return found.IsCount ? value : value * BatchSize;
    }

    /// <summary>A copy of an output of the last run, of a plan that evaluates: [N, …] in row-major order.</summary>
    /// <param name="name">Which; the only one if null.</param>
    /// <exception cref="DropoutLabException">There is no such output.</exception>
    public double[] Output(string? name = null) => Plan.Read(OutputOf(name));

    /// <summary>Gives the memory back.</summary>
    public void Dispose() => Plan.Dispose();

    /// <summary>A copy of an input or a target, in row-major order.</summary>
    /// <exception cref="DropoutLabException">There is no such input.</exception>
    public double[] Input(string name) => Plan.Read(InputOf(name));

    private Value InputOf(string name) => inputs.TryGetValue(name, out Value? input)
        ? input
        : throw new DropoutLabException($"the plan has no input {name}; it has {string.Join(", ", inputs.Keys)}");

    private Value OutputOf(string? name) => name is null
        ? built.Output
        : built.Outputs.TryGetValue(name, out Value? output)
            ? output
            : throw new DropoutLabException($"the network has no output {name}; it has {string.Join(", ", built.Outputs.Keys)}");
}

/// <summary>Compiles built networks.</summary>
public static class NetworkPlans
{
    /// <summary>
    /// Forward and backward pass: gradients go into the store, from where an <see cref="OptimizerStep"/> takes them, and so do
    /// the next running averages.
    /// </summary>
    /// <param name="built">Built for training.</param>
    /// <param name="backend">What computes.</param>
    /// <param name="store">The network's parameters.</param>
    /// <param name="objective">What is differentiated.</param>
    /// <param name="minibatchSize">
    /// The data of the whole minibatch where others compute the rest of it, so that gradients add up to the minibatch's; else
    /// null.
    /// </param>
    /// <param name="keepsRunningAverages">Whether running averages stay as they are; else they move with the step.</param>
    /// <exception cref="DropoutLabException">Network, store and objective do not fit together.</exception>
    public static NetworkPlan TrainingPlan(
        this BuiltNetwork built, Backend backend, ParameterStore store, Objective objective, int? minibatchSize = null,
        bool keepsRunningAverages = false) =>
        PlanOf(built, backend, store, objective, minibatchSize, keepsRunningAverages, shared: null);

    /// <summary>The plan of one process's part of a minibatch.</summary>
    /// <param name="built">Of the part.</param>
    /// <param name="backend">What computes.</param>
    /// <param name="store">The network's parameters.</param>
    /// <param name="objective">What is differentiated.</param>
    /// <param name="minibatchSize">The data of all parts.</param>
    /// <param name="shared">With whom it normalises; null for by itself.</param>
    internal static NetworkPlan PartPlan(
        this BuiltNetwork built, Backend backend, ParameterStore store, Objective objective, int minibatchSize,
        SharedStatistics? shared) =>
        PlanOf(built, backend, store, objective, minibatchSize, keepsRunningAverages: false, shared);

    private static NetworkPlan PlanOf(
        BuiltNetwork built, Backend backend, ParameterStore store, Objective objective, int? minibatchSize,
        bool keepsRunningAverages, SharedStatistics? shared)
    {
        if (built.Statistics != StatisticsSource.Batch)
            throw new DropoutLabException(
                $"a network built with {built.Statistics} evaluates: build it with {StatisticsSource.Batch} to train");
        AppliedObjective applied = objective.On(built);
        PlanRequest request = PlanRequest.Train(
            applied.Loss, [], store, (double)built.BatchSize / (minibatchSize ?? built.BatchSize)) with
        { Statistics = shared };
        if (!keepsRunningAverages)
            request = request with { Updates = built.Updates };
        // A step computes J alone: metrics are an evaluation's.
        AppliedObjective lossAlone = applied with { Metrics = [] };
        return new NetworkPlan(
            built, lossAlone, backend.Compile(request, store.Precision), request.BytesForGradients(store.Precision));
    }

    /// <summary>The forward pass alone: outputs, and the objective's metrics.</summary>
    /// <param name="built">Built with <see cref="StatisticsSource.RunningAverage"/>.</param>
    /// <param name="backend">What computes.</param>
    /// <param name="store">The network's parameters.</param>
    /// <param name="objective">What is evaluated; null for outputs alone.</param>
    /// <exception cref="DropoutLabException">Network, store and objective do not fit together.</exception>
    public static NetworkPlan EvaluationPlan(
        this BuiltNetwork built, Backend backend, ParameterStore store, Objective? objective = null)
    {
        if (built.Statistics != StatisticsSource.RunningAverage)
            throw new DropoutLabException(
                $"a network built with {built.Statistics} trains: build it with {StatisticsSource.RunningAverage} to evaluate");
        AppliedObjective? applied = objective?.On(built);
        Value[] outputs = [.. (applied?.Metrics ?? []).Select(metric => metric.Value), .. applied is null
            ? []
            : new[] { applied.Loss }];
        PlanRequest request = PlanRequest.Evaluate([.. outputs.Distinct(), .. built.Outputs.Values], store);
        return new NetworkPlan(built, applied, backend.Compile(request, store.Precision), bytesForGradients: 0);
    }
}
