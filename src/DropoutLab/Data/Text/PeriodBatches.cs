using DropoutLab.Backends;
using DropoutLab.Graph;

namespace DropoutLab.Data.Text;

/// <summary>
/// Data in periods of so many, for trainings that are evaluated more often than once a pass, or that end within one: what a
/// trainer takes for an epoch is a period. The periods go on through pass after pass; each pass sees all data once, in an order
/// that is a function of the seed and the number of the pass.
/// </summary>
/// <param name="source">What is passed over.</param>
/// <param name="count">The data of a period.</param>
public sealed class PeriodBatches(BatchSource source, int count) : BatchSource
{
    private readonly int[] chosen = new int[count];
    private int[] order = [];
    private (ulong Seed, uint Pass)? ordered;

    /// <inheritdoc/>
    public override string Name => source.Name;

    /// <inheritdoc/>
    public override string Unit => source.Unit;

    /// <inheritdoc/>
    public override int Count => count;

    /// <inheritdoc/>
    public override int Views => source.Views;

    /// <inheritdoc/>
    public override IReadOnlyList<BatchInput> Inputs => source.Inputs;

    /// <inheritdoc/>
    public override IReadOnlyList<PreparationArray> Preparation => source.Preparation;

    /// <inheritdoc/>
    public override string? Digest => source.Digest;

    /// <inheritdoc/>
    public override void CheckFit(IReadOnlyList<BatchInput> needed, string reader) => source.CheckFit(needed, reader);

    /// <inheritdoc/>
    public override void Fill(BatchInputs batch, ReadOnlyMemory<int> numbers, EpochDraws? draws)
    {
        if (draws is not { } own)
            throw new InvalidOperationException($"{Name} in periods is for training; evaluate the data themselves");
        for (int i = 0; i < numbers.Length; i++)
            chosen[i] = DatumOf((long)own.Epoch * count + numbers.Span[i], own);
        source.Fill(batch, chosen.AsMemory(0, numbers.Length), draws);
    }

    /// <summary>The datum that is the so many-th of all passes.</summary>
    private int DatumOf(long place, EpochDraws draws)
    {
        uint pass = (uint)(place / source.Count);
        if (ordered != (draws.Random.Seed, pass))
            (order, ordered) = (draws.Random.Permutation(source.Count, pass), (draws.Random.Seed, pass));
        return order[(int)(place % source.Count)];
    }
}
