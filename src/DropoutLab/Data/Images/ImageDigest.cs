using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace DropoutLab.Data.Images;

/// <summary>
/// Tells images with their labels from others: 128 bits in hexadecimal, made of a hash of each image seeded by its label. Neither
/// is proof against who means to deceive.
/// </summary>
/// <param name="InOrder">Of the images' shape and of their hashes in turn: another where the order is.</param>
/// <param name="InAnyOrder">Of the shape, the number of images and the sum of their hashes.</param>
/// <remarks>Source of the hash: Y. Collet, XXH3 (128 bits), https://github.com/Cyan4973/xxHash.</remarks>
internal sealed record ImageDigest(string InOrder, string InAnyOrder)
{
    private const int ImagesPerBlock = 1024;

    public static ImageDigest Of(ImageSet set)
    {
        UInt128[] images = Hashes(set);
        UInt128 sum = 0;
        foreach (UInt128 image in images)
            sum = unchecked(sum + image);
        return new ImageDigest(Digest(set, images), Digest(set, [(UInt128)images.Length, sum]));
    }

    private static UInt128[] Hashes(ImageSet set)
    {
        UInt128[] hashes = new UInt128[set.Count];
        Parallel.For(0, (set.Count + ImagesPerBlock - 1) / ImagesPerBlock, block =>
        {
            ReadOnlySpan<byte> labels = set.Labels.Span;
            for (int i = block * ImagesPerBlock; i < Math.Min(set.Count, (block + 1) * ImagesPerBlock); i++)
            {
                ReadOnlySpan<byte> image = set.HasBytes ? set.Image(i) : MemoryMarshal.AsBytes(set.ImageValues(i));
                hashes[i] = XxHash128.HashToUInt128(image, seed: labels[i]);
            }
        });
        return hashes;
    }

    private static string Digest(ImageSet set, ReadOnlySpan<UInt128> hashes)
    {
        XxHash128 digest = new();
        int bytesOfANumber = set.HasBytes ? sizeof(byte) : sizeof(float);
        digest.Append(MemoryMarshal.AsBytes<int>([set.Height, set.Width, set.Channels, bytesOfANumber]));
        digest.Append(MemoryMarshal.AsBytes(hashes));
        return Convert.ToHexStringLower(digest.GetCurrentHash());
    }
}
