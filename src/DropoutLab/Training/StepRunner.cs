using DropoutLab.Backends;
using DropoutLab.Data;
using DropoutLab.Dropout;
using DropoutLab.Layers;
using DropoutLab.Models;

namespace DropoutLab.Training;

/// <summary>A plan for one batch size together with what fills its inputs.</summary>
internal sealed class StepRunner : IDisposable
{
    private readonly BuiltNetwork built;
    private readonly Plan plan;

    private StepRunner(BuiltNetwork built, Plan plan, int batchSize, long bytesForGradients)
    {
        BytesForGradients = bytesForGradients;
        this.built = built;
        this.plan = plan;
        BatchSize = batchSize;
    }

    public int BatchSize { get; }

    public long ArenaBytes => plan.ArenaBytes;

    /// <summary>What a training step has to remember at its turning point, but for what its plan makes again.</summary>
    public long BytesForGradients { get; }

    /// <summary>The kernels, for profiles.</summary>
    public IReadOnlyList<Kernel> Kernels => plan.Kernels;

    /// <summary>J of the last run.</summary>
    public double Loss => plan.ReadScalar(built.Loss);

    /// <summary>How many of the last run's data were classified right.</summary>
    public int Correct => (int)plan.ReadScalar(built.Correct);

    /// <summary>Forward and backward pass with dropout.</summary>
    public static StepRunner Train(Network network, Backend backend, ParameterStore store, Precision precision, DropoutSettings dropout, int batchSize)
    {
        BuiltNetwork built = network.Build(batchSize, dropout);
        PlanRequest request = PlanRequest.Train(built.Loss, [], store) with { Updates = built.Updates };
        return new StepRunner(built, backend.Compile(request, precision), batchSize, request.BytesForGradients(precision));
    }

    /// <summary>Forward pass; with dropout only where that is asked for.</summary>
    public static StepRunner Evaluate(Network network, Backend backend, ParameterStore store, Precision precision, DropoutSettings dropout, int batchSize)
    {
        BuiltNetwork built = network.Build(batchSize, dropout, StatisticsSource.RunningAverage);
        PlanRequest request = PlanRequest.Evaluate([built.Loss, built.Correct, built.Logits], store);
        return new StepRunner(built, backend.Compile(request, precision), batchSize, bytesForGradients: 0);
    }

    /// <summary>Loads the images of the given numbers and computes.</summary>
    public void Run(BatchLoader loader, ReadOnlyMemory<int> numbers, ulong seed = 0, uint step = 0)
    {
        Load(loader, numbers);
        Compute(seed, step);
    }

    /// <summary>Fills the inputs; they stay as they are until the next time, however often they are computed on.</summary>
    public void Load(BatchLoader loader, ReadOnlyMemory<int> numbers) =>
        loader.Fill(plan.BufferOf(built.Images), plan.BufferOf(built.Labels), plan.Format(built.Images), numbers);

    /// <inheritdoc cref="Plan.Run"/>
    public void Compute(ulong seed = 0, uint step = 0, uint firstDatum = 0) => plan.Run(seed, step, firstDatum);

    /// <summary>A copy of the last run's logits [N, classes], of a runner that evaluates.</summary>
    public double[] Logits() => plan.Read(built.Logits);

    public void Dispose() => plan.Dispose();
}
