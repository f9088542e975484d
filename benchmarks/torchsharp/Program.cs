// A training step of ConvNet-Quick, ResNet-20 or SimCSE in TorchSharp, as one line of JSON: what ../pytorch/training_step.py
// measures of PyTorch, in f32, the one form that TorchSharp trains in.
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using TorchSharp;
using TorchSharpSteps;

var options = args.Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);
var model = Option("--model", "convnet-quick");
var dropProbability = double.Parse(Option("--dropout", "0"), CultureInfo.InvariantCulture);
var network = model switch
{
    "convnet-quick" => Network.ConvNetQuick(dropProbability),
    "resnet20" => Network.ResNet20(dropProbability),
    "minilm" => Network.SimCse(dropProbability),
    _ => throw new ArgumentException($"--model '{model}' is not known: choose convnet-quick, resnet20 or minilm"),
};
var batch = Number("--batch", network.Batch);
var threads = Number("--threads", Environment.ProcessorCount);
torch.set_num_threads(threads);
torch.manual_seed(0);
var milliseconds = Measure(network.TrainingStep(batch), Number("--warm-up", 10), Number("--repeats", 50));
Console.WriteLine(JsonSerializer.Serialize(new Dictionary<string, object>
{
    ["network"] = model,
    ["form"] = "torchsharp",
    ["dropout"] = dropProbability,
    ["torchsharp"] = typeof(torch).Assembly.GetName().Version!.ToString(3),
    ["threads"] = threads,
    ["batch"] = batch,
    ["median_ms"] = milliseconds[milliseconds.Length / 2],
    ["min_ms"] = milliseconds[0],
    ["repeats"] = milliseconds.Length,
    ["data_per_second"] = batch / milliseconds[milliseconds.Length / 2] * 1e3,
}));

string Option(string name, string otherwise) => options.GetValueOrDefault(name, otherwise);

int Number(string name, int otherwise) =>
    options.TryGetValue(name, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

static double[] Measure(Action step, int warmUp, int repeats)
{
    var durations = new double[repeats];
    for (var number = -warmUp; number < repeats; number++)
    {
        var start = Stopwatch.GetTimestamp();
        step();
        if (number >= 0)
        {
            durations[number] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
    }
    Array.Sort(durations);
    return durations;
}
