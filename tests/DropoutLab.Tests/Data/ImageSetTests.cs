using DropoutLab.Data;
using DropoutLab.Data.Images;

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
    public void ARowOfATableIsAnImageOfOnePixel()
    {
        ImageSet rows = ImageSet.OfTable(3, new float[] { 1, 2, 3, -4, 0.5f, 6 }, new byte[] { 0, 1 });

        Assert.Equal((2, 1, 1, 3, false), (rows.Count, rows.Height, rows.Width, rows.Channels, rows.HasBytes));
        Assert.Equal([-4, 0.5f, 6], rows.ImageValues(1).ToArray());
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void WhatIsNoFiniteNumberIsRefused(float value) => Assert.Contains(
        "value 1 of image 2", Assert.Throws<ArgumentException>(
            () => ImageSet.OfTable(2, new[] { 0, 0, 0, 0, 0, value }, new byte[3])).Message, StringComparison.Ordinal);

    [Fact]
    public void PixelsAndLabelsMustBelongTogether()
    {
        Assert.Throws<ArgumentException>(() => ImageSet.OfTable(2, new float[5], new byte[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageSet.OfTable(0, new float[0], new byte[2]));
        Assert.Throws<ArgumentException>(() => new ImageSet(2, 2, 1, new byte[7], new byte[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageSet(2, 0, 1, new byte[0], new byte[2]));
    }
}
