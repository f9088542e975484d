using DropoutLab.Backends;
using DropoutLab.Collectives;
using DropoutLab.Data;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Objectives;

namespace DropoutLab.Training;

/// <summary>Forward passes over data, batch by batch, under one setting of dropout.</summary>
/// <param name="network">The network.</param>
/// <param name="objective">Whose metrics are told; null where only outputs are wanted.</param>
/// <param name="dropout">None, or what Monte Carlo passes draw.</param>
/// <param name="backend">What computes.</param>
/// <param name="parameters">The network's.</param>
/// <param name="batchSize">Places of a batch: data at a time, of one view each.</param>
internal sealed class Evaluator(
    Network network, Objective? objective, DropoutSettings dropout, Backend backend, ParameterStore parameters,
    int batchSize = Evaluator.UsualBatchSize) : IDisposable
{
    private const int UsualBatchSize = 500;

    private NetworkPlan? whole, rest;

    public Network Network => network;

    /// <summary>Held by who goes through <see cref="Batches(BatchSource)"/>.</summary>
    public Lock Gate => backend.Gate;

    /// <summary>The objective's metrics over all data, each a mean over them, in one pass.</summary>
    /// <param name="data">What to evaluate on.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <param name="each">Told after each batch: the number of its first datum, and the plan that holds its outputs.</param>
    public IReadOnlyDictionary<string, double> Evaluate(
        BatchSource data, CancellationToken cancellation, Action<int, NetworkPlan>? each = null)
    {
        Dictionary<string, double> sums = [];
        lock (Gate)
        {
            foreach ((int begin, NetworkPlan plan) in Batches(data))
            {
                cancellation.ThrowIfCancellationRequested();
                plan.Run();
                foreach (string metric in plan.Metrics)
                    sums[metric] = sums.GetValueOrDefault(metric) + plan.SumOf(metric);
                each?.Invoke(begin, plan);
            }
        }

        return sums.ToDictionary(sum => sum.Key, sum => sum.Value / ((double)data.Count * data.Views));
    }

    /// <summary>The same, to which each process brings a stretch of the data; all are told the whole.</summary>
    public IReadOnlyDictionary<string, double> Evaluate(
        BatchSource data, ICollective collective, CancellationToken cancellation)
    {
        if (collective.Size == 1)
            return Evaluate(data, cancellation);
        string[] metrics = [.. objective!.On(Built(1)).Metrics.Select(metric => metric.Name)];
        double[] sums = new double[metrics.Length + 1]; // and who was cancelled
        MinibatchPart part = MinibatchPart.Of(data.Count, collective);
        lock (Gate)
        {
            foreach ((_, NetworkPlan plan) in Batches(data, part.Begin, part.Begin + part.Count))
            {
                if (cancellation.IsCancellationRequested)
                    break;
                plan.Run();
                for (int i = 0; i < metrics.Length; i++)
                    sums[i] += plan.SumOf(metrics[i]);
            }
        }

        sums[^1] = cancellation.IsCancellationRequested ? 1 : 0;
        collective.Sum(sums);
        if (sums[^1] > 0)
            throw new OperationCanceledException(cancellation);
        return metrics.Zip(sums).ToDictionary(sum => sum.First, sum => sum.Second / ((double)data.Count * data.Views));
    }

    /// <summary>Loads batch after batch; each is there until the next.</summary>
    public IEnumerable<(int Begin, NetworkPlan Plan)> Batches(BatchSource data) => Batches(data, 0, data.Count);

    private IEnumerable<(int Begin, NetworkPlan Plan)> Batches(BatchSource data, int first, int end)
    {
        ReadOnlyMemory<int> numbers = Enumerable.Range(0, data.Count).ToArray();
        int atATime = Math.Max(1, batchSize / data.Views);
        for (int begin = first; begin < end; begin += atATime)
        {
            int count = Math.Min(atATime, end - begin);
            NetworkPlan plan = PlanFor(count * data.Views);
            plan.Load(data, numbers.Slice(begin, count));
            yield return (begin, plan);
        }
    }

    /// <summary>Whether a mask that drops anything lies on the way of the forward pass that is evaluated.</summary>
    public bool DrawsMasks() => TopologicalOrder.Of(Built(1).Outputs.Values, needsBackwardViews: false)
        .Any(value => value.Operator is DrawMask { DropProbability.IsZero: false });

    public void Dispose()
    {
        lock (Gate)
        {
            whole?.Dispose();
            rest?.Dispose();
        }
    }

    /// <summary>
    /// Sets of any size may come, so of all the plans for what whole batches leave over the last one alone is kept.
    /// </summary>
    private NetworkPlan PlanFor(int places)
    {
        if (places == batchSize)
            return whole ??= NewPlan(places);
        if (rest?.BatchSize != places)
        {
            rest?.Dispose();
            rest = null;
            rest = NewPlan(places);
        }

        return rest;
    }

    private NetworkPlan NewPlan(int places) => Built(places).EvaluationPlan(backend, parameters, objective);

    private BuiltNetwork Built(int places) => network.Build(places, dropout, StatisticsSource.RunningAverage);
}
