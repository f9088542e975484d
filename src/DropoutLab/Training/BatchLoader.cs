using DropoutLab.Backends;
using DropoutLab.Backends.Threading;
using DropoutLab.Data;

namespace DropoutLab.Training;

/// <summary>Gathers images by number into a plan's input: bytes to activations in one pass, on the backend's threads.</summary>
/// <param name="images">The images.</param>
/// <param name="transform">How bytes become the input.</param>
/// <param name="team">The backend's threads.</param>
/// <param name="windows">What is seen of the image of a number; every image as it is if null.</param>
internal sealed unsafe class BatchLoader(
    ImageSet images, PixelTransform transform, ThreadTeam team, Func<int, ImageWindow>? windows = null)
{
    private readonly Load load = new(images, new ImageWriter(images, transform), windows, team.ThreadCount);

    /// <summary>Fills <paramref name="pixels"/> and <paramref name="labels"/> with the images of the given numbers.</summary>
    public void Fill(PlanBuffer pixels, PlanBuffer labels, ElementFormat format, ReadOnlyMemory<int> numbers)
    {
        load.Set(pixels.Address, format, numbers);
        team.Run(load);
        ReadOnlySpan<byte> known = images.Labels.Span;
        for (int i = 0; i < numbers.Length; i++)
            ((int*)labels.Address)[i] = known[numbers.Span[i]];
    }

    private sealed class Load(ImageSet images, ImageWriter writer, Func<int, ImageWindow>? windows, int threadCount) : ParallelKernel
    {
        private readonly byte[][] scratch = [.. Enumerable.Range(0, threadCount).Select(_ => new byte[images.ImageSize])];

        private nint input;
        private ElementFormat format;
        private ReadOnlyMemory<int> numbers;

        public void Set(nint address, ElementFormat inputFormat, ReadOnlyMemory<int> imageNumbers) =>
            (input, format, numbers) = (address, inputFormat, imageNumbers);

        protected override void RunShare(int share, int shareCount)
        {
            (int begin, int end) = RangeOf(numbers.Length, share, shareCount);
            for (int i = begin; i < end; i++)
            {
                int number = numbers.Span[i];
                writer.Write(images.Image(number), windows?.Invoke(number) ?? default, input, format, i, scratch[share]);
            }
        }
    }
}
