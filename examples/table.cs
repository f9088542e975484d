#:project ../src/DropoutLab/DropoutLab.csproj
// Numbers to predict from a table, by mean square error and AdamW: dotnet run -c Release examples/table.cs
using DropoutLab.Backends;
using DropoutLab.Data;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Optimization;
using DropoutLab.Training;

// The time for which a ball flies, in seconds: 2 v sin(angle) / g, of speeds in m/s and angles in degrees.
static Table Flights(int count, int seed)
{
    Random random = new(seed);
    float[] throws =
        [.. Enumerable.Range(0, count).SelectMany(_ => new[] { 40 * random.NextSingle(), 90 * random.NextSingle() })];
    float[] seconds = [.. throws.Chunk(2).Select(row => 2 * row[0] * MathF.Sin(row[1] * MathF.PI / 180) / 9.81f)];
    return new Table(columns: 2, throws, targetColumns: 1, seconds);
}

TrainingData data = Table.Batches("flights", train: Flights(2000, seed: 1), test: Flights(500, seed: 2));
TrainingOptions options = new()
{
    Optimizer = new AdamW(weightDecay: 1e-4) { MaximumGradientNorm = 1 },
    Dropout = new DropoutSettings(DropoutRule.Backward(0.1)),
    LearningRate = 0.003,
    BatchSize = 50,
    Epochs = 30,
};
using Backend backend = BackendCatalog.Create("auto", threads: null, out _);
using Trainer trainer = new(
    Mlp.Create(new Shape(2), outputCount: 1, 64, 64), new MeanSquareError(), data, options, backend);
while (!trainer.IsFinished)
    trainer.RunEpoch();
double error = trainer.Evaluate(data.Test)[Objective.Loss];
Console.WriteLine($"mean square error {error:f4} s², so {Math.Sqrt(error):f3} s off");
