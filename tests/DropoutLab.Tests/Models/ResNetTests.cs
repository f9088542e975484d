using DropoutLab.Backends;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Optimization;
using DropoutLab.Tests.Definitions;
using DropoutLab.Training;

namespace DropoutLab.Tests.Models;

public sealed class ResNetTests
{
    private static readonly ImageShape Cifar = new(32, 32, 3);

    /// <summary>As many trained numbers as the paper's table 6 says in millions: 0.27, 0.46, 0.66, 0.85, 1.7.</summary>
    [Theory]
    [InlineData(20, 1, 269_722)]
    [InlineData(32, 1, 464_154)]
    [InlineData(44, 1, 658_586)]
    [InlineData(56, 1, 853_018)]
    [InlineData(110, 1, 1_727_962)]
    [InlineData(20, 2, 1_073_962)]
    public void HasThePapersNumberOfParameters(int depth, int width, long count)
    {
        using ParameterStore store = new(ResNet.Create(depth, width, Cifar, 10).Parameters, Precision.Float32);
        Assert.Equal(count, store.ElementCount);
    }

    [Fact]
    public void HasASiteAtEveryWeightLayersInput()
    {
        string[] sites = [.. ResNet.Create(20, 1, Cifar, 10).Sites.Select(site => $"{site.Name} {site.Shape}")];
        Assert.Equal(20, sites.Length);
        Assert.Equal("conv1 [1, 32, 32, 3]", sites[0]);
        Assert.Equal("stage1.block1.conv1 [1, 32, 32, 16]", sites[1]);
        Assert.Equal("stage2.block1.conv1 [1, 32, 32, 16]", sites[7]);
        Assert.Equal("stage3.block3.conv2 [1, 8, 8, 64]", sites[18]);
        Assert.Equal("fc [1, 64]", sites[19]);
    }

    [Theory]
    [InlineData(21, 1)]
    [InlineData(2, 1)]
    [InlineData(20, 0)]
    public void RefusesSizesThatAreNone(int depth, int width) =>
        Assert.Throws<DropoutLabException>(() => ResNet.Create(depth, width, Cifar, 10));

    /// <summary>
    /// A block that keeps its weights at 0 passes its input on: what is left is the shortcut, by every other pixel.
    /// </summary>
    [Fact]
    public void ABlockWithoutWeightsIsItsShortcut()
    {
        Network network = ResNet.Create(8, 1, new ImageShape(8, 8, 3), 4);
        using Backend backend = TestBackends.Reference();
        using ParameterStore store = new(network.Parameters, Precision.Float64);
        store.Initialise(3);
        foreach (Parameter parameter in store.Parameters.Where(
            parameter => parameter.Name.EndsWith("conv2.norm.scale", StringComparison.Ordinal)))
            store.Write(parameter.Name, ParameterArray.Value, new double[parameter.Shape.Count]);
        Classified built = Classified.Build(network, 2, DropoutSettings.None);
        Value[] inputs = [.. built.WeightLayers.Select(layer => layer.Input)];
        using Plan plan = backend.Compile(PlanRequest.Evaluate([.. inputs, built.Logits], store), Precision.Float64);
        System.Random random = new(1);
        plan.Write(
            built.Images, (double[])[.. Enumerable.Range(0, built.Images.Shape.Count).Select(_ => random.NextDouble() - 0.5)]);
        plan.Run();

        double[] first = plan.Read(inputs[1]), second = plan.Read(inputs[3]), third = plan.Read(inputs[5]),
            pooled = plan.Read(inputs[7]);
        Assert.Contains(first, value => value > 0);
        Assert.Equal(first, second);
        for (int n = 0; n < 2; n++)
        {
            for (int c = 0; c < 64; c++)
            {
                int channel = c;
                double[] kept = [.. Enumerable.Range(0, 4).SelectMany(y => Enumerable.Range(0, 4).Select(x => (y, x)))
                    .Select(at => channel < 16 ? first[((n * 8 + 2 * at.y) * 8 + 2 * at.x) * 16 + channel] : 0)];
                if (c < 32)
                    Assert.Equal(kept, Enumerable.Range(0, 16).Select(pixel => third[(n * 16 + pixel) * 32 + channel]));
                Assert.Equal((kept[0] + kept[2] + kept[8] + kept[10]) / 4, pooled[n * 64 + c], 1e-12);
            }
        }
    }

    /// <summary>Images need not be square: the last stage's mean is over all that is left of them.</summary>
    [Fact]
    public void ImagesOfUnlikeSides()
    {
        Network network = ResNet.Create(8, 1, new ImageShape(13, 6, 3), 4);
        List<Dictionary<string, double[]>> gradients = [];
        foreach (Backend backend in TestBackends.All())
        {
            using (backend)
                gradients.Add(StepGradients.Of(backend, network, Precision.Float32));
        }

        Assert.All(
            gradients.Skip(1).SelectMany(other => other),
            gradient => Assert.InRange(TestBackends.RelativeDistance(gradients[0][gradient.Key], gradient.Value), 0, 1e-3));
    }

    /// <summary>In training the rows of a batch share μ and σ²; in evaluation each is on its own.</summary>
    [Fact]
    public void EvaluationOfADatumDoesNotDependOnTheOthers()
    {
        using Backend backend = TestBackends.Reference();
        using Trainer trainer = NewTrainer(backend);
        trainer.RunEpoch(cancellation: TestContext.Current.CancellationToken);
        ImageSet images = MadeUp(7);
        double[] together = Logits(trainer, backend, images);
        for (int i = 0; i < images.Count; i++)
        {
            ImageSet one = new(8, 8, 3, images.Image(i).ToArray(), images.Labels.Slice(i, 1));
            Assert.Equal(together.Skip(4 * i).Take(4), Logits(trainer, backend, one));
        }
    }

    [Fact]
    public void RunningAveragesFollowTheBatches()
    {
        const double Momentum = 0.1;
        using Backend backend = TestBackends.Reference();
        using ParameterStore store = new(SmallNetworks.Residual.Parameters, Precision.Float64);
        store.Initialise(1);
        Classified built = Classified.Build(SmallNetworks.Residual, 3, DropoutSettings.None);
        Value z = built.WeightLayers[0].Output;
        using Plan plan = backend.Compile(
            PlanRequest.Train(built.Loss, [z], store) with { Updates = built.Updates }, Precision.Float64);
        OptimizerStep update = backend.Compile(new Sgd(), store);
        int channels = z.Shape[3], count = z.Shape.Count / channels;
        double[] mean = new double[channels], variance = [.. Enumerable.Repeat(1.0, channels)];
        for (int step = 0; step < 3; step++)
        {
            System.Random random = new(step);
            plan.Write(
                built.Images, (double[])[.. Enumerable.Range(0, built.Images.Shape.Count).Select(_ => random.NextDouble())]);
            plan.Run();
            plan.Run(); // moves nothing a second time
            double[] values = plan.Read(z);
            update.Run(learningRate: 0, step);
            for (int c = 0; c < channels; c++)
            {
                double[] channel = [.. values.Where((_, i) => i % channels == c)];
                double average = channel.Average(),
                    unbiased = channel.Sum(value => (value - average) * (value - average)) / (count - 1);
                mean[c] += Momentum * (average - mean[c]);
                variance[c] += Momentum * (unbiased - variance[c]);
                Assert.Equal(mean[c], store.Read("conv1.norm.running_mean", ParameterArray.Value)[c], 1e-12);
                Assert.Equal(variance[c], store.Read("conv1.norm.running_variance", ParameterArray.Value)[c], 1e-12);
            }
        }
    }

    private static double[] Logits(Trainer trainer, Backend backend, ImageSet images)
    {
        Network network = ResNet.Create(8, 1, new ImageShape(8, 8, 3), 4);
        Classified built = Classified.Build(network, images.Count, DropoutSettings.None, StatisticsSource.RunningAverage);
        using Plan plan = backend.Compile(PlanRequest.Evaluate([built.Logits], trainer.Parameters), Precision.Float64);
        plan.Write(built.Images, (double[])[.. images.Pixels.ToArray().Select(pixel => pixel / 256.0)]);
        plan.Run();
        return plan.Read(built.Logits);
    }

    private static Trainer NewTrainer(Backend backend)
    {
        ImageSet images = MadeUp(20);
        TrainingOptions options = new() { BatchSize = 8, Precision = Precision.Float64 };
        return new Trainer(
            ResNet.Create(8, 1, new ImageShape(8, 8, 3), 4), new CrossEntropy(),
            new ImageDataset("made-up", ["a", "b", "c", "d"], images, images).Batches(PixelScaling.MeanImage), options, backend);
    }

    private static ImageSet MadeUp(int count)
    {
        byte[] pixels = new byte[count * 8 * 8 * 3];
        new System.Random(5).NextBytes(pixels);
        return new ImageSet(8, 8, 3, pixels, (byte[])[.. Enumerable.Range(0, count).Select(i => (byte)(i % 4))]);
    }
}
