using System.Numerics;
using DropoutLab.Backends;
using DropoutLab.Backends.Threading;
using DropoutLab.Data;

namespace DropoutLab.Training;

/// <summary>Gathers images by number into a plan's input: pixels to activations in one pass, on the backend's threads.</summary>
/// <param name="images">The images.</param>
/// <param name="transform">How pixels become the input.</param>
/// <param name="team">The backend's threads.</param>
/// <param name="windows">What is seen of the image of a number; every image as it is if null.</param>
internal sealed unsafe class BatchLoader(
    ImageSet images, PixelTransform transform, ThreadTeam team, Func<int, ImageWindow>? windows = null)
{
    private readonly Load load = images.HasBytes
        ? new Load<byte>(images.Pixels, images.ImageSize, new ImageWriter(images, transform), windows, team.ThreadCount)
        : new Load<float>(images.Values, images.ImageSize, new ImageWriter(images, transform), windows, team.ThreadCount);

    /// <summary>Fills <paramref name="pixels"/> and <paramref name="labels"/> with the images of the given numbers.</summary>
    public void Fill(PlanBuffer pixels, PlanBuffer labels, ElementFormat format, ReadOnlyMemory<int> numbers)
    {
        load.Set(pixels.Address, format, numbers);
        team.Run(load);
        ReadOnlySpan<byte> known = images.Labels.Span;
        for (int i = 0; i < numbers.Length; i++)
            ((int*)labels.Address)[i] = known[numbers.Span[i]];
    }

    private abstract class Load : ParallelKernel
    {
        protected nint Input { get; private set; }

        protected ElementFormat Format { get; private set; }

        protected ReadOnlyMemory<int> Numbers { get; private set; }

        public void Set(nint address, ElementFormat format, ReadOnlyMemory<int> numbers) => (Input, Format, Numbers) = (address, format, numbers);
    }

    private sealed class Load<T>(
        ReadOnlyMemory<T> pixels, int imageSize, ImageWriter writer, Func<int, ImageWindow>? windows, int threadCount) : Load
        where T : unmanaged, INumberBase<T>
    {
        private readonly T[][] scratch = [.. Enumerable.Range(0, threadCount).Select(_ => new T[imageSize])];

        protected override void RunShare(int share, int shareCount)
        {
            (int begin, int end) = RangeOf(Numbers.Length, share, shareCount);
            for (int i = begin; i < end; i++)
            {
                int number = Numbers.Span[i];
                ReadOnlySpan<T> image = pixels.Span.Slice(number * imageSize, imageSize);
                writer.Write(image, windows?.Invoke(number) ?? default, Input, Format, i, scratch[share].AsSpan());
            }
        }
    }
}
