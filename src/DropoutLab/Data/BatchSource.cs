using DropoutLab.Backends;
using DropoutLab.Backends.Threading;
using DropoutLab.Graph;
using DropoutLab.Random;

namespace DropoutLab.Data;

/// <summary>
/// Numbered data that fill the inputs of plans: images, a table's rows, or whatever derives from this. A trainer knows no more of
/// what it trains on.
/// </summary>
public abstract class BatchSource
{
    /// <summary>What it is called in messages, such as cifar10's training set.</summary>
    public abstract string Name { get; }

    /// <summary>What a datum is called, in the plural: <c>images_per_second</c> in a run's metrics.</summary>
    public abstract string Unit { get; }

    /// <summary>How many data there are; their numbers are 0 to this, excluded.</summary>
    public abstract int Count { get; }

    /// <summary>What it fills: names, what a datum of each is, and how many labels it uses.</summary>
    public abstract IReadOnlyList<BatchInput> Inputs { get; }

    /// <summary>What makes inputs of raw data, by name, for checkpoints: whoever predicts has to do the same.</summary>
    public virtual IReadOnlyList<PreparationArray> Preparation => [];

    /// <summary>Texts that belong to <see cref="Preparation"/>, by name.</summary>
    public virtual IReadOnlyDictionary<string, string> PreparationTexts => new Dictionary<string, string>();

    /// <summary>Tells these data, in this order, from others; null where nobody needs to know.</summary>
    public virtual string? Digest => null;

    /// <summary>
    /// How many places of a plan's batch each datum takes, one after another: 2 where a network sees each under two masks.
    /// </summary>
    public virtual int Views => 1;

    /// <summary>Fills the inputs of a plan.</summary>
    /// <param name="batch">The inputs, and the threads to fill them on.</param>
    /// <param name="numbers">Which data; the first goes to place 0, or to 0 and those after it, as many as it has views.</param>
    /// <param name="draws">What augmentation is drawn from; null in evaluation, which sees data as they are.</param>
    public abstract void Fill(BatchInputs batch, ReadOnlyMemory<int> numbers, EpochDraws? draws);

    /// <summary>Checks that there are data, and that they are such as somebody takes.</summary>
    /// <param name="needed">The inputs of a network and the targets of its objective.</param>
    /// <param name="reader">Whose they are, for the message.</param>
    /// <exception cref="DropoutLabException">They are not.</exception>
    public virtual void CheckFit(IReadOnlyList<BatchInput> needed, string reader)
    {
        if (Count == 0)
            throw new DropoutLabException($"{Name} is empty: one of its {Unit} at least is needed");
        foreach (BatchInput input in needed)
        {
            BatchInput filled = Inputs.FirstOrDefault(own => own.Name == input.Name) ?? throw new DropoutLabException(
                $"{reader} takes {input.Name}; {Name} has {string.Join(" and ", Inputs.Select(own => own.Name))}");
            if (filled.Datum != input.Datum || filled.Kind != input.Kind)
                throw new DropoutLabException(
                    $"{reader} takes {input.Name} of {Text(input)}, those of {Name} are {Text(filled)}");
            if (filled.LabelCount > input.LabelCount)
            {
                throw new DropoutLabException(
                    $"{Name} has label {filled.LabelCount - 1}: those of {input.LabelCount} classes are 0 to "
                        + $"{input.LabelCount - 1}");
            }
        }
    }

    /// <summary>The inputs that some data give, as they are evaluated: [N, …] by name, in row-major order and 64 bits.</summary>
    /// <param name="numbers">Which data.</param>
    public IReadOnlyDictionary<string, double[]> Read(ReadOnlyMemory<int> numbers)
    {
        using ManagedThreadTeam team = new(1);
        using HostBatch batch = new(Inputs, numbers.Length * Views, Precision.Float64, team);
        Fill(batch.Inputs, numbers, draws: null);
        return Inputs.ToDictionary(input => input.Name, input => batch.Read(input.Name));
    }

    private static string Text(BatchInput input) =>
        input.Kind != ElementKind.Label ? $"{input.Datum}" : input.Datum.Rank == 0 ? "labels" : $"labels {input.Datum}";
}

/// <summary>
/// What augmentation may draw from in an epoch: a function of the run's seed, the epoch and a datum's number alone.
/// </summary>
/// <param name="Random">The run's randomness.</param>
/// <param name="Epoch">From 0.</param>
public readonly record struct EpochDraws(RandomFunction Random, uint Epoch);

/// <summary>An array that makes inputs of raw data.</summary>
/// <param name="Name">Its name in checkpoints.</param>
/// <param name="Shape">Its axes.</param>
/// <param name="Values">Its numbers, in row-major order.</param>
public sealed record PreparationArray(string Name, Shape Shape, ReadOnlyMemory<float> Values);

/// <summary>What a trainer trains on and evaluates after each epoch.</summary>
/// <param name="Name">The data set's.</param>
/// <param name="Train">What is trained on.</param>
/// <param name="Test">
/// What is evaluated after each epoch: who chooses by that puts a validation set here, and evaluates the test set in the end.
/// </param>
public sealed record TrainingData(string Name, BatchSource Train, BatchSource Test)
{
    /// <summary>What labels mean, by label; empty where there are none.</summary>
    public IReadOnlyList<string> ClassNames { get; init; } = [];

    /// <summary>The folder or file that they were read from; null where they were made in code.</summary>
    public string? Location { get; init; }

    /// <summary>Tells them from others; null where a source has no digest.</summary>
    public DataDigests? Digests => Train.Digest is { } train && Test.Digest is { } test ? new DataDigests(train, test) : null;

    /// <summary>The name, and where they lie.</summary>
    public string NameAndLocation => Location is null ? Name : $"{Name} in {Location}";

    /// <summary>Checks that both are such as somebody takes.</summary>
    /// <param name="needed">The inputs of a network and the targets of its objective.</param>
    /// <param name="reader">Whose they are, for the message.</param>
    /// <exception cref="DropoutLabException">They are not.</exception>
    public void CheckFit(IReadOnlyList<BatchInput> needed, string reader)
    {
        if (ClassNames.Count > 0
            && needed.FirstOrDefault(input => (input.LabelCount ?? ClassNames.Count) != ClassNames.Count) is { } labels)
            throw new DropoutLabException($"{reader} has {labels.LabelCount} classes, {Name} has {ClassNames.Count}");
        Train.CheckFit(needed, reader);
        Test.CheckFit(needed, reader);
    }
}
