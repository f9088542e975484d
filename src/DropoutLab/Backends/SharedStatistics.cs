using DropoutLab.Collectives;

namespace DropoutLab.Backends;

/// <summary>With whom a plan has the minibatch in common whose statistics batch normalisation takes.</summary>
/// <param name="Collective">The processes.</param>
/// <param name="MinibatchSize">The data of the minibatch, all processes' together.</param>
/// <param name="IsEmpty">Whether what this plan computes is none of them.</param>
internal sealed record SharedStatistics(ICollective Collective, int MinibatchSize, bool IsEmpty)
{
    /// <summary>Makes sums over a plan's data those over the minibatch.</summary>
    public void Sum(Span<double> sums)
    {
        if (IsEmpty)
            sums.Clear();
        Collective.Sum(sums);
    }
}
