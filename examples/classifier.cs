#:project ../src/DropoutLab/DropoutLab.csproj
// A classifier under forward dropout: dotnet run -c Release examples/classifier.cs [FOLDER WITH FASHION-MNIST]
using DropoutLab.Backends;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Runs;
using DropoutLab.Training;
using static DropoutLab.Graph.Operations;

ImageDataset data = DatasetCatalog.Load("fashion-mnist", dataDirectory: args.FirstOrDefault());
Network network = new("small", new ImageShape(32, 32, 1), data.ClassNames.Count, (builder, images) =>
{
    Value h = new Conv2d("conv1", OutputChannels: 16, KernelSize: 5) { Padding = 2 }.Apply(builder, images);
    h = MaxPool(Relu(h), window: 2, stride: 2);
    h = Relu(new Linear("fc1", Outputs: 64).Apply(builder, h));
    return new Linear("fc2", Outputs: 10).Apply(builder, h);
});
DropoutSettings dropout = new(DropoutRule.Forward(0.1), Sites: ["fc1", "fc2"], MaskSharing.PerDatum);
TrainingOptions options = new() { Dropout = dropout, Epochs = 2, LearningRate = 0.01 };
using Backend backend = BackendCatalog.Create("auto", threads: null, out string? advice);
Console.WriteLine(advice ?? $"computing on {backend}");
using Trainer trainer = new(network, new CrossEntropy(), data.Batches(PixelScaling.PerChannel), options, backend);
while (!trainer.IsFinished)
{
    EpochMetrics epoch = trainer.RunEpoch();
    Console.WriteLine($"epoch {epoch.Epoch}: train loss {epoch.TrainLoss:f4}, test accuracy {epoch.TestAccuracy:f4}");
}

Checkpoint.Write("classifier.safetensors", trainer);
Console.WriteLine("weights in classifier.safetensors");
