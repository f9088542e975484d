using System.Diagnostics;

namespace DropoutLab.Collectives;

/// <summary>
/// Processes that train one network together, as one of them sees it. Each computes a part of every minibatch, and what one waits
/// for all do: every process makes the same calls in the same order.
/// </summary>
public interface ICollective
{
    /// <summary>Which of the processes this is, from 0; 0 alone writes files and speaks.</summary>
    int Rank { get; }

    /// <summary>How many there are.</summary>
    int Size { get; }

    /// <summary>
    /// Puts the sums over all processes in the place of each process's own numbers, the same to the bit in all.
    /// </summary>
    /// <param name="numbers">As many in every process.</param>
    void Sum(Span<float> numbers);

    /// <inheritdoc cref="Sum(Span{float})"/>
    void Sum(Span<double> numbers);

    /// <summary>Puts what process 0 has in the place of what the others have.</summary>
    /// <param name="bytes">As many in every process.</param>
    void Broadcast(Span<byte> bytes);
}

/// <summary>A process by itself.</summary>
internal sealed class SingleProcess : ICollective
{
    public int Rank => 0;

    public int Size => 1;

    public void Sum(Span<float> numbers)
    {
    }

    public void Sum(Span<double> numbers)
    {
    }

    public void Broadcast(Span<byte> bytes)
    {
    }
}

/// <summary>Others' calls with the time that they took, waiting for slower processes included.</summary>
internal sealed class MeasuredCollective(ICollective collective) : ICollective
{
    public int Rank => collective.Rank;

    public int Size => collective.Size;

    public TimeSpan Elapsed { get; private set; }

    public void Sum(Span<float> numbers)
    {
        long start = Stopwatch.GetTimestamp();
        collective.Sum(numbers);
        Elapsed += Stopwatch.GetElapsedTime(start);
    }

    public void Sum(Span<double> numbers)
    {
        long start = Stopwatch.GetTimestamp();
        collective.Sum(numbers);
        Elapsed += Stopwatch.GetElapsedTime(start);
    }

    public void Broadcast(Span<byte> bytes)
    {
        long start = Stopwatch.GetTimestamp();
        collective.Broadcast(bytes);
        Elapsed += Stopwatch.GetElapsedTime(start);
    }
}
