using DropoutLab.Backends;
using DropoutLab.Data;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;
using DropoutLab.Layers;
using DropoutLab.Models;

namespace DropoutLab.Training;

/// <summary>Forward passes over a set of images, batch by batch, under one setting of dropout.</summary>
internal sealed class Evaluator(
    Network network, DropoutSettings dropout, Backend backend, ParameterStore parameters, Precision precision, PixelTransform transform,
    int batchSize = Evaluator.UsualBatchSize) : IDisposable
{
    private const int UsualBatchSize = 500;

    private StepRunner? whole, rest;

    /// <summary>One pass.</summary>
    public Evaluation Evaluate(ImageSet images, CancellationToken cancellation)
    {
        PassMoments moments = new(images.Count, network.ClassCount);
        (double loss, int correct) = Pass(images, moments, cancellation);
        double calibrationError = Reliability(moments.Means, images.Labels.Span).ExpectedCalibrationError;
        return new Evaluation(loss / images.Count, (double)correct / images.Count, calibrationError, images.Count);
    }

    /// <summary>The probabilities of a pass [N, classes].</summary>
    public ReadOnlyMemory<double> Predict(ImageSet images, CancellationToken cancellation)
    {
        PassMoments moments = new(images.Count, network.ClassCount);
        Pass(images, moments, cancellation);
        return moments.Means;
    }

    private (double Loss, int Correct) Pass(ImageSet images, PassMoments moments, CancellationToken cancellation)
    {
        double loss = 0;
        int correct = 0;
        lock (backend.Gate)
        {
            foreach ((int begin, StepRunner runner) in Batches(images))
            {
                cancellation.ThrowIfCancellationRequested();
                runner.Compute();
                loss += runner.Loss * runner.BatchSize;
                correct += runner.Correct;
                moments.Add(pass: 0, begin, runner.Logits(), images.Labels.Span);
            }
        }

        return (loss, correct);
    }

    /// <summary>
    /// K passes. Pass k, from 0, draws the masks of step 2³² − 1 − k, which no training comes to, and an image those of its place
    /// in the set: nothing depends on how the set is cut into batches.
    /// </summary>
    public MonteCarloEvaluation EvaluateMonteCarlo(
        ImageSet images, int passes, ulong seed, IProgress<double>? progress, CancellationToken cancellation)
    {
        if (passes is < 1 or > MonteCarloEvaluation.MostPasses)
            throw new DropoutLabException($"the number of passes must be from 1 to {MonteCarloEvaluation.MostPasses}, not {passes}");
        bool passesDiffer = DrawsMasks();
        int needed = passesDiffer ? passes : 1;
        PassMoments moments = new(images.Count, network.ClassCount);
        lock (backend.Gate)
        {
            foreach ((int begin, StepRunner runner) in Batches(images))
            {
                for (int pass = 0; pass < needed; pass++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    runner.Compute(seed, uint.MaxValue - (uint)pass, (uint)begin);
                    moments.Add(pass, begin, runner.Logits(), images.Labels.Span);
                    progress?.Report((begin + (pass + 1.0) / needed * runner.BatchSize) / images.Count);
                }
            }
        }

        ReliabilityDiagram reliability = Reliability(moments.Means, images.Labels.Span);
        Evaluation mean = new(moments.Loss(needed), reliability.Accuracy, reliability.ExpectedCalibrationError, images.Count);
        return new MonteCarloEvaluation(mean, passes, passesDiffer, moments.Means, moments.StandardDeviations(needed));
    }

    public void Dispose()
    {
        lock (backend.Gate)
        {
            whole?.Dispose();
            rest?.Dispose();
        }
    }

    /// <summary>Loads batch after batch; each is there until the next.</summary>
    private IEnumerable<(int Begin, StepRunner Runner)> Batches(ImageSet images)
    {
        BatchLoader loader = new(images, transform, backend.Team);
        ReadOnlyMemory<int> numbers = Enumerable.Range(0, images.Count).ToArray();
        for (int begin = 0; begin < images.Count; begin += batchSize)
        {
            int count = Math.Min(batchSize, images.Count - begin);
            StepRunner runner = RunnerFor(count);
            runner.Load(loader, numbers.Slice(begin, count));
            yield return (begin, runner);
        }
    }

    /// <summary>Sets of any size may come, so of all the plans for what whole batches leave over the last one alone is kept.</summary>
    private StepRunner RunnerFor(int count)
    {
        if (count == batchSize)
            return whole ??= NewRunner(count);
        if (rest?.BatchSize != count)
        {
            rest?.Dispose();
            rest = null;
            rest = NewRunner(count);
        }

        return rest;
    }

    private StepRunner NewRunner(int count) => StepRunner.Evaluate(network, backend, parameters, precision, dropout, count);

    /// <summary>Whether a mask that drops anything lies on the way of the forward pass that is evaluated.</summary>
    private bool DrawsMasks() => TopologicalOrder
        .Of([network.Build(1, dropout, StatisticsSource.RunningAverage).Logits], needsBackwardViews: false)
        .Any(value => value.Operator is DrawMask { DropProbability.IsZero: false });

    private ReliabilityDiagram Reliability(ReadOnlySpan<double> probabilities, ReadOnlySpan<byte> labels)
    {
        ReliabilityDiagram reliability = new();
        for (int i = 0; i < labels.Length; i++)
            reliability.Add(probabilities.Slice(i * network.ClassCount, network.ClassCount), labels[i]);
        return reliability;
    }
}
