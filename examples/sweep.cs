#:project ../src/DropoutLab/DropoutLab.csproj
// A sweep from code: rules over seeds, with intervals of paired differences: dotnet run -c Release examples/sweep.cs [SEEDS]
using System.Globalization;
using DropoutLab.Backends;
using DropoutLab.Data;
using DropoutLab.Dropout;
using DropoutLab.Experiments.Statistics;
using DropoutLab.Graph;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Optimization;
using DropoutLab.Training;

// Points on a plane whose class is the sign of a product, some labels wrong.
static Table Quadrants(int count, int seed)
{
    Random random = new(seed);
    float[] values = [.. Enumerable.Range(0, 2 * count).Select(_ => 2 * random.NextSingle() - 1)];
    int[] labels = [.. values.Chunk(2).Select(point => point[0] * point[1] > 0 != (random.NextSingle() < 0.1f) ? 1 : 0)];
    return new Table(columns: 2, values, labels);
}

int seeds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 5;
TrainingData data = Table.Batches("quadrants", train: Quadrants(300, seed: 1), test: Quadrants(1000, seed: 2));
using Backend backend = BackendCatalog.Create("auto", threads: null, out _);

double TestLoss(DropoutRule rule, ulong seed)
{
    TrainingOptions options = new()
    {
        Dropout = new(rule),
        Seed = seed,
        Optimizer = new AdamW(),
        LearningRate = 0.01,
        BatchSize = 30,
        Epochs = 30,
    };
    using Trainer trainer = new(Mlp.Create(new Shape(2), outputCount: 2, 64, 64), new CrossEntropy(), data, options, backend);
    while (!trainer.IsFinished)
        trainer.RunEpoch();
    return trainer.Evaluate(data.Test)[CrossEntropy.Loss];
}

double[] Losses(DropoutRule rule) => [.. Enumerable.Range(1, seeds).Select(seed => TestLoss(rule, (ulong)seed))];
double[] plain = Losses(DropoutRule.None);
Console.WriteLine($"{"none",-20} test loss {Estimate.Of(plain).Mean:f4}");
foreach (DropoutRule rule in new[] { DropoutRule.Standard(0.2), DropoutRule.Forward(0.2), DropoutRule.Backward(0.2) })
{
    double[] losses = Losses(rule);
    Estimate difference = Estimate.Of([.. losses.Zip(plain, (one, other) => one - other)]);
    Console.WriteLine(
        $"{rule,-20} test loss {Estimate.Of(losses).Mean:f4}, above none by {difference.Mean:f4} "
        + $"(95%: {difference.Low:f4} to {difference.High:f4}, n = {difference.Count})");
}
