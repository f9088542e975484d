using DropoutLab.Graph;

namespace DropoutLab.Tests.Graph;

public sealed class ShapeTests
{
    [Fact]
    public void ElementsAreCountedAsFarAsAnIntGoes()
    {
        Assert.Equal(int.MaxValue, new Shape(int.MaxValue).Count);
        Assert.Equal(24, new Shape(2, 3, 4).Count);
        Assert.Equal(
            "an array of shape [65536, 32, 32, 32] has more than 2147483647 elements: a smaller batch or network is needed",
            Assert.Throws<DropoutLabException>(() => new Shape(65536, 32, 32, 32).Count).Message);
    }
}
