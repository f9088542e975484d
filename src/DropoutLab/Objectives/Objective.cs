using DropoutLab.Graph;
using DropoutLab.Models;

namespace DropoutLab.Objectives;

/// <summary>
/// What a training minimises, J, and the numbers that an evaluation tells: a graph over a network's outputs and the targets of a
/// batch. One of one's own derives from this, and makes J of any operations, other objectives' losses among them.
/// </summary>
public abstract record Objective
{
    /// <summary>The metric that every objective has: J itself, or what it says in its place.</summary>
    public const string Loss = "loss";

    /// <summary>The name in configurations and messages.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// Whether J is a mean over data of which each counts by itself: then processes may compute parts of a minibatch.
    /// </summary>
    public virtual bool IsMeanOverData => true;

    /// <summary>What a batch fills besides the network's inputs, such as labels.</summary>
    /// <param name="outputs">The network's, [N, …] each.</param>
    public abstract IReadOnlyList<BatchInput> Targets(IReadOnlyDictionary<string, Value> outputs);

    /// <summary>J and the metrics.</summary>
    /// <param name="outputs">The network's, by name.</param>
    /// <param name="targets">What <see cref="Targets"/> declares, by name.</param>
    public abstract ObjectiveValues Apply(IReadOnlyDictionary<string, Value> outputs, IReadOnlyDictionary<string, Value> targets);

    /// <summary>This objective over a built network.</summary>
    /// <exception cref="DropoutLabException">The network has not the outputs that the objective reads.</exception>
    public AppliedObjective On(BuiltNetwork network)
    {
        Dictionary<string, Value> targets = Targets(network.Outputs)
            .ToDictionary(target => target.Name, target => target.Of(network.BatchSize));
        if (targets.Keys.FirstOrDefault(network.Inputs.ContainsKey) is { } taken)
            throw new DropoutLabException(
                $"the objective {Name} has a target {taken}, which is the name of an input of the network");
        ObjectiveValues values = Apply(network.Outputs, targets);
        Metric[] metrics = [.. values.Metrics ?? []];
        return new AppliedObjective(
            targets, values.Loss,
            metrics.Any(metric => metric.Name == Loss) ? metrics : [new Metric(Loss, values.Loss), .. metrics]);
    }

    /// <summary>The output of a name; the only one if the name is null.</summary>
    /// <exception cref="DropoutLabException">There is no such output, or there are several.</exception>
    protected Value Pick(IReadOnlyDictionary<string, Value> outputs, string? name)
    {
        if (name is null && outputs.Count == 1)
            return outputs.Values.First();
        return name is not null && outputs.TryGetValue(name, out Value? output)
            ? output
            : throw new DropoutLabException(
                $"the objective {Name} reads {name ?? "the only output"}; the network has {string.Join(", ", outputs.Keys)}");
    }
}

/// <summary>What an objective makes of a batch.</summary>
/// <param name="Loss">J, [1].</param>
/// <param name="Metrics">Further numbers for evaluations. One named <see cref="Objective.Loss"/> is told in place of J.</param>
public sealed record ObjectiveValues(Value Loss, IReadOnlyList<Metric>? Metrics = null);

/// <summary>A number that an evaluation tells.</summary>
/// <param name="Name">Its name in results: <c>test_NAME</c>.</param>
/// <param name="Value">The batch's, [1].</param>
/// <param name="IsCount">
/// Whether the value counts data, as those that are classified right; else it is a mean over the batch's data. Either way an
/// evaluation tells the mean over all data.
/// </param>
public sealed record Metric(string Name, Value Value, bool IsCount = false);

/// <summary>An objective over a built network.</summary>
/// <param name="Targets">What a batch fills besides the network's inputs, by name.</param>
/// <param name="Loss">J, [1].</param>
/// <param name="Metrics">What an evaluation tells, <see cref="Objective.Loss"/> among it.</param>
public sealed record AppliedObjective(IReadOnlyDictionary<string, Value> Targets, Value Loss, IReadOnlyList<Metric> Metrics);

/// <summary>
/// Classification: J = −(1/N) Σₙ Σₖ tₙₖ log softmax(zₙ)ₖ, in nats, of logits z [N, K] and labels, with t = (1 − s) onehot(label)
/// + s/K. Target: labels [N]. Metrics: loss, which is J without smoothing, and accuracy.
/// </summary>
/// <param name="LabelSmoothing">
/// s in [0, 1): Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", 2016.
/// </param>
/// <param name="Logits">The output that the logits are; the only one if null.</param>
public sealed record CrossEntropy(double LabelSmoothing = 0, string? Logits = null) : Objective
{
    /// <summary>The target's name.</summary>
    public const string Labels = "labels";

    /// <summary>The metric: the part of the data whose largest logit (the first among equals) is that of its label.</summary>
    public const string Accuracy = "accuracy";

    /// <inheritdoc/>
    public override string Name => "cross-entropy";

    /// <inheritdoc/>
    public override IReadOnlyList<BatchInput> Targets(IReadOnlyDictionary<string, Value> outputs) =>
        [new BatchInput(Labels, new Shape(), ElementKind.Label, Pick(outputs, Logits).Shape.CountPerDatum)];

    /// <inheritdoc/>
    public override ObjectiveValues Apply(IReadOnlyDictionary<string, Value> outputs, IReadOnlyDictionary<string, Value> targets)
    {
        Value logits = Pick(outputs, Logits), labels = targets[Labels];
        Value loss = Operations.SoftmaxCrossEntropy(logits, labels, LabelSmoothing);
        Value plain = LabelSmoothing == 0 ? loss : Operations.SoftmaxCrossEntropy(logits, labels);
        return new(loss, [new Metric(Loss, plain), new Metric(Accuracy, Operations.CorrectCount(logits, labels), IsCount: true)]);
    }
}

/// <summary>
/// Regression: J = Σ (y − t)² / (N K) of predictions y and targets t, [N, K]. Target: targets [N, K]. Metric: loss.
/// </summary>
/// <param name="Predictions">The output that the predictions are; the only one if null.</param>
public sealed record MeanSquareError(string? Predictions = null) : Objective
{
    /// <summary>The target's name.</summary>
    public const string TargetValues = "targets";

    /// <inheritdoc/>
    public override string Name => "mean-square-error";

    /// <inheritdoc/>
    public override IReadOnlyList<BatchInput> Targets(IReadOnlyDictionary<string, Value> outputs) =>
        [new BatchInput(TargetValues, new Shape(Pick(outputs, Predictions).Shape.CountPerDatum), ElementKind.Accumulator)];

    /// <inheritdoc/>
    public override ObjectiveValues Apply(
        IReadOnlyDictionary<string, Value> outputs, IReadOnlyDictionary<string, Value> targets) =>
        new(Operations.MeanSquareError(Pick(outputs, Predictions), targets[TargetValues]));
}

/// <summary>
/// SimCSE: two embeddings of each sentence, under different masks, are each other's positive and all other sentences' negatives:
/// J = −(1/N) Σᵢ log [exp(sim(uᵢ, vᵢ)/τ) / Σⱼ exp(sim(uᵢ, vⱼ)/τ)] of a batch of 2N, of which data 2i and 2i + 1 are uᵢ and vᵢ. No
/// target. Metric: loss. Source: Gao, Yao and Chen, "SimCSE: Simple Contrastive Learning of Sentence Embeddings", 2021.
/// </summary>
/// <param name="Temperature">τ, above 0.</param>
/// <param name="Embeddings">The output that the embeddings are, [2N, D]; the only one if null.</param>
public sealed record SimCse(double Temperature = 0.05, string? Embeddings = null) : Objective
{
    /// <inheritdoc/>
    public override string Name => "simcse";

    /// <summary>No: each sentence is held against all others.</summary>
    public override bool IsMeanOverData => false;

    /// <inheritdoc/>
    public override IReadOnlyList<BatchInput> Targets(IReadOnlyDictionary<string, Value> outputs) => [];

    /// <inheritdoc/>
    public override ObjectiveValues Apply(
        IReadOnlyDictionary<string, Value> outputs, IReadOnlyDictionary<string, Value> targets) =>
        new(Operations.ContrastiveLoss(Pick(outputs, Embeddings), Temperature));
}

/// <summary>
/// BERT's masked tokens: J is the mean cross-entropy, in nats, of the tokens that are to be told. Target: masked-tokens [N, M],
/// −1 where a sentence has fewer. Metric: loss. Source: Devlin et al., "BERT", 2018.
/// </summary>
/// <param name="Logits">The output that the logits are, [N, M, V]; the only one if null.</param>
public sealed record MaskedTokens(string? Logits = null) : Objective
{
    /// <summary>The target's name.</summary>
    public const string TargetTokens = "masked-tokens";

    /// <inheritdoc/>
    public override string Name => "masked-tokens";

    /// <summary>No: it is one over tokens, of which sentences have more or fewer.</summary>
    public override bool IsMeanOverData => false;

    /// <inheritdoc/>
    public override IReadOnlyList<BatchInput> Targets(IReadOnlyDictionary<string, Value> outputs) =>
        [new BatchInput(TargetTokens, new Shape(Pick(outputs, Logits).Shape[1]), ElementKind.Label,
            Pick(outputs, Logits).Shape[2])];

    /// <inheritdoc/>
    public override ObjectiveValues Apply(
        IReadOnlyDictionary<string, Value> outputs, IReadOnlyDictionary<string, Value> targets) =>
        new(Operations.TokenCrossEntropy(Pick(outputs, Logits), targets[TargetTokens]));
}
