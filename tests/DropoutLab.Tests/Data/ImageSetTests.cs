using DropoutLab.Data;

namespace DropoutLab.Tests.Data;

public sealed class ImageSetTests
{
    [Fact]
    public void AnImageIsItsPartOfThePixels()
    {
        ImageSet images = new ImageSet(2, 1, 2, new byte[] { 0, 1, 2, 3, 4, 5, 6, 7 }, new byte[] { 8, 9 });

        Assert.Equal((2, 4), (images.Count, images.ImageSize));
        Assert.Equal([4, 5, 6, 7], images.Image(1).ToArray());
    }

    [Fact]
    public void PixelsAndLabelsMustBelongTogether()
    {
        Assert.Throws<ArgumentException>(() => new ImageSet(2, 2, 1, new byte[7], new byte[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageSet(2, 0, 1, new byte[0], new byte[2]));
    }
}
