using DropoutLab.Backends;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Graph;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Optimization;
using DropoutLab.Random;
using DropoutLab.Tests.Definitions;
using DropoutLab.Tests.Models;
using DropoutLab.Training;

namespace DropoutLab.Tests.Training;

/// <summary>
/// Which images the trainer trains on: losses of whole epochs against losses of images that were changed by hand.
/// </summary>
public sealed class TrainerAugmentationTests
{
    private const int Images = 22;
    private const ulong Seed = 11;

    private static readonly ImageShape Shape = SmallNetworks.ConvolutionalInput;

    /// <summary>Each batch size divides the number of images, so that the mean over steps is the mean over images.</summary>
    [Theory]
    [InlineData("none", 22)]
    [InlineData("crop", 11)]
    [InlineData("flip", 2)]
    [InlineData("crop+flip", 22)]
    [InlineData("crop+flip", 2)]
    public void AnEpochsImagesAreThoseThatAreDrawnForIt(string name, int batchSize)
    {
        Augmentation augmentation = Augmentation.Parse(name);
        ImageSet images = MadeUp();
        using Backend backend = TestBackends.Reference();
        using Trainer trainer = NewTrainer(backend, images, augmentation, batchSize);

        for (uint epoch = 0; epoch < 3; epoch++)
        {
            EpochMetrics metrics = trainer.RunEpoch(cancellation: TestContext.Current.CancellationToken);

            Assert.Equal(LossByHand(trainer, images, number => augmentation.Draw(new RandomFunction(Seed), epoch, (uint)number)),
                metrics.TrainLoss, 1e-12);
            Assert.Equal(LossByHand(trainer, images, _ => default), metrics.TestLoss, 1e-12);
        }
    }

    /// <summary>Trains at a rate that moves no weight.</summary>
    private static Trainer NewTrainer(Backend backend, ImageSet images, Augmentation augmentation, int batchSize) => new(
        SmallNetworks.Convolutional, new CrossEntropy(),
        new ImageDataset("made-up", ["a", "b", "c", "d"], images, images).Batches(PixelScaling.MeanImage, augmentation),
        new TrainingOptions
        {
            BatchSize = batchSize,
            LearningRate = 1e-300,
            Optimizer = new Sgd(),
            Seed = Seed,
            Precision = Precision.Float64,
        },
        backend);

    private static double LossByHand(Trainer trainer, ImageSet images, Func<int, ImageWindow> windowOf)
    {
        using Backend reference = TestBackends.Reference(1);
        using ParameterStore store = new(SmallNetworks.Convolutional.Parameters, Precision.Float64);
        foreach (Parameter parameter in store.Parameters)
            store.Write(parameter.Name, ParameterArray.Value, trainer.Parameters.Read(parameter.Name, ParameterArray.Value));
        Classified built = Classified.Build(SmallNetworks.Convolutional, Images, DropoutLab.Dropout.DropoutSettings.None);
        using Plan plan = reference.Compile(PlanRequest.Evaluate([built.Loss], store), Precision.Float64);
        PixelTransform transform = PixelTransform.Fit(PixelScaling.MeanImage, images);
        plan.Write(built.Images,
            (double[])[.. Enumerable.Range(0, Images).SelectMany(number => Seen(images, transform, number, windowOf(number)))]);
        plan.Write(built.Labels, (int[])[.. images.Labels.ToArray().Select(label => (int)label)]);
        plan.Run(0, 0);
        return plan.ReadScalar(built.Loss);
    }

    private static IEnumerable<double> Seen(ImageSet images, PixelTransform transform, int number, ImageWindow window) =>
        from y in Enumerable.Range(0, Shape.Height)
        from x in Enumerable.Range(0, Shape.Width)
        from channel in Enumerable.Range(0, Shape.Channels)
        let row = y + window.Top
        let column = x + window.Left
        let element = (row * Shape.Width + (window.IsMirrored ? Shape.Width - 1 - column : column)) * Shape.Channels + channel
        select row < 0 || row >= Shape.Height || column < 0 || column >= Shape.Width
            ? 0
            : (images.Image(number)[element] - (double)transform.Means.Span[element]) * transform.Factors.Span[element];

    private static ImageSet MadeUp()
    {
        System.Random random = new(5);
        byte[] pixels = new byte[Images * Shape.Height * Shape.Width * Shape.Channels];
        random.NextBytes(pixels);
        return new ImageSet(Shape.Height, Shape.Width, Shape.Channels, pixels,
            Enumerable.Range(0, Images).Select(_ => (byte)random.Next(4)).ToArray());
    }
}
