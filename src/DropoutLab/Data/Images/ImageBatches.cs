using System.Numerics;
using System.Numerics.Tensors;
using DropoutLab.Backends;
using DropoutLab.Graph;
using DropoutLab.Models;
using DropoutLab.Objectives;

namespace DropoutLab.Data.Images;

/// <summary>
/// Images as inputs: window, mirror, normalise, convert, in one pass from bytes or numbers. Fills <see cref="Network.InputName"/>
/// and <see cref="CrossEntropy.Labels"/>.
/// </summary>
public sealed class ImageBatches : BatchSource
{
    private const string MeanName = "images/mean", FactorName = "images/factor";

    private readonly Loader loader;

    /// <param name="name">What the set is called in messages.</param>
    /// <param name="images">The images and their labels.</param>
    /// <param name="transform">How pixels become the input.</param>
    /// <param name="augmentation">What is changed at random where an epoch's draws are given.</param>
    /// <exception cref="DropoutLabException">
    /// The augmentation would leave nothing of such images to see, or change nothing.
    /// </exception>
    public ImageBatches(string name, ImageSet images, PixelTransform transform, Augmentation augmentation = default)
    {
        (Name, Images, Transform) = (name, images, transform);
        augmentation.RequireFit(new ImageShape(images.Height, images.Width, images.Channels));
        int labelCount = images.Count == 0 ? 0 : TensorPrimitives.Max(images.Labels.Span) + 1;
        Inputs =
        [
            new(Network.InputName, new Shape(images.Height, images.Width, images.Channels)),
            new(CrossEntropy.Labels, new Shape(), ElementKind.Label, labelCount),
        ];
        loader = images.HasBytes
            ? new Loader<byte>(this, images.Pixels, augmentation)
            : new Loader<float>(this, images.Values, augmentation);
    }

    /// <summary>The images and their labels.</summary>
    public ImageSet Images { get; }

    /// <summary>How pixels become the input.</summary>
    public PixelTransform Transform { get; }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override string Unit => "images";

    /// <inheritdoc/>
    public override int Count => Images.Count;

    /// <inheritdoc/>
    public override IReadOnlyList<BatchInput> Inputs { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<PreparationArray> Preparation =>
    [
        new(MeanName, Inputs[0].Datum, Transform.Means),
        new(FactorName, Inputs[0].Datum, Transform.Factors),
    ];

    /// <inheritdoc/>
    public override string Digest => Images.Digest;

    /// <inheritdoc/>
    public override void Fill(BatchInputs batch, ReadOnlyMemory<int> numbers, EpochDraws? draws) =>
        loader.Fill(batch, numbers, draws);

    /// <summary>Other images, prepared as these are but for the augmentation.</summary>
    public ImageBatches Alike(string name, ImageSet images) => new(name, images, Transform);

    /// <summary>Images of random bytes, normalised, with all labels in turn: a batch to measure with.</summary>
    /// <param name="image">What one is.</param>
    /// <param name="classCount">The number of labels.</param>
    /// <param name="count">How many.</param>
    public static ImageBatches MadeUp(ImageShape image, int classCount, int count)
    {
        byte[] pixels = new byte[count * image.Height * image.Width * image.Channels];
        new System.Random(1).NextBytes(pixels);
        byte[] labels = [.. Enumerable.Range(0, count).Select(i => (byte)(i % classCount))];
        ImageSet images = new(image.Height, image.Width, image.Channels, pixels, labels);
        return new ImageBatches("made-up images", images, PixelTransform.Fit(PixelScaling.PerChannel, images));
    }

    /// <inheritdoc/>
    public override void CheckFit(IReadOnlyList<BatchInput> needed, string reader)
    {
        if (needed.FirstOrDefault(input => input.Name == CrossEntropy.Labels)?.LabelCount is { } classes
            && Images.Labels.Span.IndexOfAnyExceptInRange(
                (byte)0, (byte)Math.Min(classes - 1, byte.MaxValue)) is int wrong and >= 0)
        {
            throw new DropoutLabException(
                $"{Name} has label {Images.Labels.Span[wrong]} at image {wrong}: those of {classes} classes are 0 to "
                    + $"{classes - 1}");
        }

        base.CheckFit(needed, reader);
    }

    /// <summary>The transform that a checkpoint keeps.</summary>
    internal static PixelTransform? TransformOf(Func<string, float[]?> arrayOf) =>
        arrayOf(MeanName) is { } means && arrayOf(FactorName) is { } factors ? PixelTransform.Of(means, factors) : null;

    /// <summary>One batch at a time, without allocating.</summary>
    private abstract class Loader
    {
        public abstract void Fill(BatchInputs batch, ReadOnlyMemory<int> numbers, EpochDraws? draws);
    }

    private sealed class Loader<T> : Loader
        where T : unmanaged, INumberBase<T>
    {
        private readonly ImageSet images;
        private readonly ReadOnlyMemory<T> pixels;
        private readonly Augmentation augmentation;
        private readonly PixelTransform transform;
        private ImageWriter? writer;
        private readonly Action<int, int, int> body;
        private T[][] scratch = [];
        private PlanInput? input, labels;
        private ReadOnlyMemory<int> numbers;
        private EpochDraws? draws;

        public Loader(ImageBatches source, ReadOnlyMemory<T> pixels, Augmentation augmentation)
        {
            (images, this.pixels, this.augmentation, body) = (source.Images, pixels, augmentation, Write);
            transform = source.Transform;
        }

        public override void Fill(BatchInputs batch, ReadOnlyMemory<int> numbers, EpochDraws? draws)
        {
            writer ??= new ImageWriter(images, transform);
            if (scratch.Length < batch.ThreadCount)
                scratch = [.. Enumerable.Range(0, batch.ThreadCount).Select(_ => new T[images.ImageSize])];
            (input, labels) = (batch[Network.InputName], batch.Has(CrossEntropy.Labels) ? batch[CrossEntropy.Labels] : null);
            (this.numbers, this.draws) = (numbers, augmentation == Augmentation.None ? null : draws);
            batch.ForEach(numbers.Length, body);
        }

        private void Write(int begin, int end, int thread)
        {
            for (int place = begin; place < end; place++)
            {
                int number = numbers.Span[place];
                ReadOnlySpan<T> image = pixels.Span.Slice(number * images.ImageSize, images.ImageSize);
                ImageWindow window = draws is { } epoch ? augmentation.Draw(epoch.Random, epoch.Epoch, (uint)number) : default;
                writer!.Write(image, window, input!, place, scratch[thread].AsSpan());
                labels?.Write(place, images.Labels.Span[number]);
            }
        }
    }
}
