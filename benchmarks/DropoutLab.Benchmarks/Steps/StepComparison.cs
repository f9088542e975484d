using DropoutLab.Backends;
using DropoutLab.Benchmarks.Measuring;
using DropoutLab.Dropout;
using DropoutLab.Models;
using DropoutLab.Training;

namespace DropoutLab.Benchmarks.Steps;

/// <summary>Training steps of a network with each kind of dropout: a block of each in turn, round after round.</summary>
internal sealed class StepComparison : IDisposable
{
    private const int None = 0;
    private const int Standard = 1;

    private static readonly DropoutSettings[] Dropouts =
    [
        DropoutSettings.None,
        new(DropoutRule.Standard(0.2)),
        new(DropoutRule.Forward(0.2)),
        new(DropoutRule.Backward(0.2)),
        new(DropoutRule.Augmented(0.2, 0.0002)),
        new(DropoutRule.Standard(0.2), SiteSelection.All, MaskSharing.PerMinibatch),
        new(DropoutRule.Standard(0.2), SiteSelection.All, MaskSharing.Channel),
    ];

    private readonly List<StepContestant> contestants = [];
    private readonly Network network;
    private readonly Backend backend;
    private readonly int batchSize;

    public StepComparison(Network network, Backend backend, IReadOnlyList<Precision> precisions, int batchSize)
    {
        this.network = network;
        this.backend = backend;
        this.batchSize = batchSize;
        foreach (Precision precision in precisions)
        {
            foreach (DropoutSettings dropout in Dropouts)
                contestants.Add(new StepContestant(network, backend, precision, dropout, batchSize));
        }
    }

    public IReadOnlyList<StepResult> Run(int roundCount, int blockSteps)
    {
        Rounds.WarmUp([.. contestants.Select(contestant => (Action)(() => contestant.WarmUp(blockSteps)))]);
        Rounds rounds = Rounds.Measure(
            [.. contestants.Select(contestant => (Func<double>)(() => contestant.MeasureBlock(blockSteps)))], roundCount);
        return [.. contestants.Select((contestant, i) => Result(contestant, i, rounds))];
    }

    public void Dispose()
    {
        foreach (StepContestant contestant in contestants)
            contestant.Dispose();
    }

    private StepResult Result(StepContestant contestant, int place, Rounds rounds)
    {
        int firstOfPrecision = place - place % Dropouts.Length;
        StepTiming timing = contestant.Timing();
        return new StepResult(
            network.Name, batchSize, backend.Team.ThreadCount, contestant.Precision.ShortName(),
            $"{contestant.Dropout.Rule}", $"{contestant.Dropout.Sharing}",
            timing.MedianMilliseconds, timing.Percentile10Milliseconds, timing.Percentile90Milliseconds, timing.DataPerSecond,
            timing.AllocatedBytesPerStep, timing.ArenaBytes,
            rounds.Ratio(place, firstOfPrecision + None), rounds.Ratio(place, firstOfPrecision + Standard));
    }
}
