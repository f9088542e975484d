using DropoutLab.Data;
using DropoutLab.Data.Images;

namespace DropoutLab.Tests.Data;

public sealed class ImageDigestTests
{
    private const int Count = 2500, Size = 2 * 3 * 2; // more images than one block of the digest has

    private static readonly byte[] Pixels = Made(Count * Size), Labels = [.. Made(Count).Select(value => (byte)(value % 10))];

    [Fact]
    public void TheSameImagesHaveTheSameDigest()
    {
        ImageSet one = new(2, 3, 2, Pixels, Labels), other = new(2, 3, 2, Pixels.ToArray(), Labels.ToArray());

        Assert.Equal((one.Digest, one.DigestInAnyOrder), (other.Digest, other.DigestInAnyOrder));
        Assert.Matches("^[0-9a-f]{32}$", one.Digest);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Count * Size / 2)]
    [InlineData(Count * Size - 1)]
    public void ABitOfAPixelIsSeen(int at)
    {
        byte[] changed = [.. Pixels];
        changed[at] ^= 1;

        AssertOther(new ImageSet(2, 3, 2, changed, Labels));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Count - 1)]
    public void ALabelIsSeen(int at)
    {
        byte[] changed = [.. Labels];
        changed[at]++;

        AssertOther(new ImageSet(2, 3, 2, Pixels, changed));
    }

    [Fact]
    public void LabelsThatChangePlacesAreSeen()
    {
        byte[] rotated = [.. Labels.Skip(1), Labels[0]];

        AssertOther(new ImageSet(2, 3, 2, Pixels, rotated));
    }

    [Fact]
    public void TheOrderAloneIsSeenByOneOfTheTwo()
    {
        ImageSet set = new(2, 3, 2, Pixels, Labels);
        byte[] pixels = [.. Pixels.Chunk(Size).Reverse().SelectMany(image => image)],
            labels = [.. Labels.AsEnumerable().Reverse()];
        ImageSet reversed = new(2, 3, 2, pixels, labels);

        Assert.NotEqual(set.Digest, reversed.Digest);
        Assert.Equal(set.DigestInAnyOrder, reversed.DigestInAnyOrder);
    }

    [Fact]
    public void ShapeAndNumberOfImagesAreSeen()
    {
        AssertOther(new ImageSet(3, 2, 2, Pixels, Labels));
        AssertOther(new ImageSet(2, 3, 2, Pixels.AsMemory(Size), Labels.AsMemory(1)));
        AssertOther(new ImageSet(2, 3, 2, (byte[])[.. Pixels, .. Pixels[..Size]], (byte[])[.. Labels, Labels[0]]));
    }

    /// <summary>A table's numbers have a digest as pixels do, and are no pixels.</summary>
    [Fact]
    public void NumbersHaveADigest()
    {
        float[] values = [1, 2, 3, 4, 5, 6], changed = [1, 2, 3, 4, 5, MathF.BitIncrement(6)];
        byte[] labels = [0, 1, 0], others = [0, 1, 1];
        ImageSet table = ImageSet.OfTable(2, values, labels);

        Assert.Equal(table.Digest, ImageSet.OfTable(2, values.ToArray(), labels).Digest);
        string[] digests =
        [
            table.Digest, ImageSet.OfTable(2, changed, labels).Digest, ImageSet.OfTable(2, values, others).Digest,
            new ImageSet(1, 1, 2, (byte[])[1, 2, 3, 4, 5, 6], labels).Digest,
        ];
        Assert.Equal(4, digests.Distinct().Count());
    }

    private static void AssertOther(ImageSet changed)
    {
        ImageSet set = new(2, 3, 2, Pixels, Labels);
        Assert.NotEqual(set.Digest, changed.Digest);
        Assert.NotEqual(set.DigestInAnyOrder, changed.DigestInAnyOrder);
    }

    private static byte[] Made(int count)
    {
        byte[] bytes = new byte[count];
        new System.Random(3).NextBytes(bytes);
        return bytes;
    }
}
