using System.Runtime.Intrinsics;
using DropoutLab.Backends;
using DropoutLab.Backends.OneDnn.Rows;
using DropoutLab.Backends.Threading;
using DropoutLab.Data;

namespace DropoutLab.Training;

/// <summary>Gathers images by number into a plan's input: bytes to activations in one pass, on the backend's threads.</summary>
internal sealed unsafe class BatchLoader(ImageSet images, PixelTransform transform, ThreadTeam team)
{
    private readonly Load load = new(images, transform);

    /// <summary>Fills <paramref name="pixels"/> and <paramref name="labels"/> with the images of the given numbers.</summary>
    public void Fill(PlanBuffer pixels, PlanBuffer labels, ElementFormat format, ReadOnlyMemory<int> numbers)
    {
        load.Set(pixels.Address, format, numbers);
        team.Run(load);
        ReadOnlySpan<byte> known = images.Labels.Span;
        for (int i = 0; i < numbers.Length; i++)
            ((int*)labels.Address)[i] = known[numbers.Span[i]];
    }

    private sealed class Load(ImageSet images, PixelTransform transform) : ParallelKernel
    {
        private nint target;
        private ElementFormat format;
        private ReadOnlyMemory<int> numbers;

        public void Set(nint address, ElementFormat targetFormat, ReadOnlyMemory<int> imageNumbers) =>
            (target, format, numbers) = (address, targetFormat, imageNumbers);

        protected override void RunShare(int share, int shareCount)
        {
            (int begin, int end) = RangeOf(numbers.Length, share, shareCount);
            float* row = stackalloc float[images.ImageSize <= 4096 ? images.ImageSize : 0];
            for (int i = begin; i < end; i++)
                Image(images.Image(numbers.Span[i]), i, row);
        }

        private void Image(ReadOnlySpan<byte> pixels, int place, float* row)
        {
            long offset = (long)place * pixels.Length;
            switch (format)
            {
                case ElementFormat.Float32:
                    Scale(pixels, (float*)target + offset);
                    break;
                case ElementFormat.BFloat16:
                    Scale(pixels, row);
                    NarrowStage.Round(row, (ushort*)target + offset, pixels.Length);
                    break;
                default:
                    for (int i = 0; i < pixels.Length; i++)
                        ((double*)target)[offset + i] = (pixels[i] - (double)transform.Means.Span[i]) * transform.Factors.Span[i];
                    break;
            }
        }

        private void Scale(ReadOnlySpan<byte> pixels, float* result)
        {
            ReadOnlySpan<float> means = transform.Means.Span, factors = transform.Factors.Span;
            fixed (byte* from = pixels)
            fixed (float* mean = means, factor = factors)
            {
                int i = 0;
                for (; i + 16 <= pixels.Length; i += 16)
                {
                    (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.Load(from + i));
                    Eight(low, mean + i, factor + i, result + i);
                    Eight(high, mean + i + 8, factor + i + 8, result + i + 8);
                }

                for (; i < pixels.Length; i++)
                    result[i] = (from[i] - mean[i]) * factor[i];
            }
        }

        private static void Eight(Vector128<ushort> pixels, float* mean, float* factor, float* result)
        {
            Vector256<int> whole = Vector256.Create(Vector128.WidenLower(pixels), Vector128.WidenUpper(pixels)).AsInt32();
            ((Vector256.ConvertToSingle(whole) - Vector256.Load(mean)) * Vector256.Load(factor)).Store(result);
        }
    }
}
