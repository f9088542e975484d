using DropoutLab.Backends;
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

    /// <summary>Held by who goes through <see cref="Batches"/>.</summary>
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

    /// <summary>Loads batch after batch; each is there until the next.</summary>
    public IEnumerable<(int Begin, NetworkPlan Plan)> Batches(BatchSource data)
    {
        ReadOnlyMemory<int> numbers = Enumerable.Range(0, data.Count).ToArray();
        int atATime = Math.Max(1, batchSize / data.Views);
        for (int begin = 0; begin < data.Count; begin += atATime)
        {
            int count = Math.Min(atATime, data.Count - begin);
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
