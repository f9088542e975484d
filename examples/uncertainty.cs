#:project ../src/DropoutLab/DropoutLab.csproj
// Where a classifier of two moons is unsure, by Monte Carlo dropout, as a picture:
// dotnet run -c Release examples/uncertainty.cs [FILE.svg]
using System.Globalization;
using DropoutLab.Backends;
using DropoutLab.Classification;
using DropoutLab.Data;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Optimization;
using DropoutLab.Training;

static Table Moons(int count, int seed)
{
    Random random = new(seed);
    int[] labels = [.. Enumerable.Range(0, count).Select(row => row % 2)];
    float[] values = [.. labels.SelectMany(moon =>
    {
        float angle = MathF.PI * random.NextSingle(), noise = 0.2f * random.NextSingle();
        float x = MathF.Cos(angle), y = MathF.Sin(angle);
        return moon == 0 ? new[] { x + noise, y } : [1 - x + noise, 0.4f - y];
    })];
    return new Table(columns: 2, values, labels);
}

Table train = Moons(1000, seed: 1);
TrainingData data = Table.Batches("moons", train, test: Moons(400, seed: 2));
TrainingOptions options = new()
{
    Dropout = new(DropoutRule.Standard(0.2)),
    Optimizer = new AdamW(),
    LearningRate = 0.005,
    BatchSize = 50,
    Epochs = 40,
};
using Backend backend = BackendCatalog.Create("auto", threads: null, out _);
using Trainer trainer = new(Mlp.Create(new Shape(2), outputCount: 2, 64, 64), new CrossEntropy(), data, options, backend);
while (!trainer.IsFinished)
    trainer.RunEpoch();

const int Side = 60; // squares of the picture, over x and y from −1.5 to 2.5
float[] grid =
    [.. Enumerable.Range(0, 2 * Side * Side).Select(i => 4f * (i % 2 == 0 ? i / 2 % Side : i / 2 / Side) / Side - 1.5f)];
BatchSource places = Table.Batches("moons", train, test: new Table(2, grid, new int[Side * Side])).Test;
double[] entropy = trainer.EvaluateMonteCarlo(places, passes: 50).PredictiveEntropy();
string Square(int place) => string.Create(CultureInfo.InvariantCulture, $"""
    <rect x="{place % Side}" y="{Side - 1 - place / Side}" width="1" height="1"
        fill="hsl(220 90% {100 - 70 * entropy[place] / Math.Log(2):f0}%)"/>
    """);
string path = args.FirstOrDefault() ?? "uncertainty.svg";
File.WriteAllLines(path, [
    $"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {Side} {Side}'><title>Entropy of the mean prediction</title>",
    .. Enumerable.Range(0, Side * Side).Select(Square), "</svg>",
]);
Console.WriteLine($"accuracy {trainer.Evaluate(data.Test)[CrossEntropy.Accuracy]:f3}, picture in {path}");
