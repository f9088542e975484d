#:project ../src/DropoutLab/DropoutLab.csproj
// A rule of one's own: whole channels dropped forward, single features backward: dotnet run -c Release examples/rule.cs
using DropoutLab.Backends;
using DropoutLab.Data.Images;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Training;
using static DropoutLab.Graph.Operations;

// TwoPass has the value of the first; whoever differentiates through it reads the second. A ratio of 0 draws nothing.
static Value ChannelsForward(NetworkBuilder builder, Value h, int layer)
{
    if (!builder.IsTraining)
        return h;
    MaskSource channels = new(layer, Which: 0, DropProbability: 0.2, MaskSharing.Channel);
    MaskSource features = new(layer, Which: 1, DropProbability: 0.1, MaskSharing.PerDatum);
    return TwoPass(Masked(h, DrawMask(channels, h.Shape)), Masked(h, DrawMask(features, h.Shape)));
}

// Squares that are bright at the left or at the right.
static ImageSet Halves(int count, int seed)
{
    Random random = new(seed);
    byte[] labels = [.. Enumerable.Range(0, count).Select(image => (byte)(image % 2))];
    byte[] pixels =
        [.. from label in labels from y in Enumerable.Range(0, 8) from x in Enumerable.Range(0, 8)
            select (byte)random.Next(x / 4 == label ? 200 : 150)];
    return new ImageSet(height: 8, width: 8, channels: 1, pixels, labels);
}

Network network = new("channels-forward", new ImageShape(8, 8, 1), 2, (builder, images) =>
{
    Value h = Relu(new Conv2d("conv1", OutputChannels: 16, KernelSize: 3).Apply(builder, images));
    h = Relu(new Conv2d("conv2", OutputChannels: 16, KernelSize: 3).Apply(builder, ChannelsForward(builder, h, layer: 1000)));
    return new Linear("fc1", Outputs: 2).Apply(builder, ChannelsForward(builder, h, layer: 1001));
});
ImageDataset data = new("halves", ["left", "right"], Halves(1000, seed: 1), Halves(200, seed: 2));
using Backend backend = BackendCatalog.Create("auto", threads: null, out _);
using Trainer trainer = new(
    network, new CrossEntropy(), data.Batches(PixelScaling.PerChannel), new() { Epochs = 5, LearningRate = 0.001 }, backend);
while (!trainer.IsFinished)
    trainer.RunEpoch();
Console.WriteLine($"test accuracy {trainer.Evaluate(data.Batches(PixelScaling.PerChannel).Test)[CrossEntropy.Accuracy]:f3}");
