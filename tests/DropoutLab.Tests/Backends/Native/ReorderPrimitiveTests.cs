using DropoutLab.Backends.OneDnn.Native;

namespace DropoutLab.Tests.Backends.Native;

public sealed unsafe class ReorderPrimitiveTests : NativeTest
{
    [Fact]
    public void ChannelsFirstBecomesChannelsLastToTheBit() => WithLibrary(library =>
    {
        const int batch = 2, channels = 5, height = 3, width = 7;
        float[] values = Norms.RandomValues(batch * channels * height * width, seed: 1);
        using MemoryDescriptor from = MemoryDescriptor.Dense(library, ElementType.Float32, [batch, channels, height, width]);
        using MemoryDescriptor to = MemoryDescriptor.ChannelsLast(library, ElementType.Float32, batch, channels, height, width);
        using NativeBuffer buffer = new NativeBuffer(to.ByteSize);

        fixed (float* source = values)
            NativeRunner.Reorder(library, from, source, to, buffer.Address);

        for (int i = 0; i < values.Length; i++)
        {
            var (n, c, pixel) = (i / (channels * height * width), i / (height * width) % channels, i % (height * width));
            Assert.Equal(values[i], buffer.Floats[(((n * height * width) + pixel) * channels) + c]);
        }
    });

    [Fact]
    public void BFloat16RoundsToNearestEven() => WithLibrary(library =>
    {
        // 1 + 2⁻⁸ and 1 + 3·2⁻⁸ lie midway between neighbours: the even one is below the first and above the second.
        float[] values = [1, 1 + (1 / 256f), 1 + (3 / 256f), -2.5f, 3.14159274f];
        ushort[] expected = [0x3f80, 0x3f80, 0x3f82, 0xc020, 0x4049];
        using MemoryDescriptor from = MemoryDescriptor.Dense(library, ElementType.Float32, [values.Length]);
        using MemoryDescriptor to = MemoryDescriptor.Dense(library, ElementType.BFloat16, [values.Length]);
        using var reorder = ReorderPrimitive.TryCreate(library, from, to);
        if (reorder is null)
        {
            Assert.False(library.HasNativeBFloat16);
            Assert.Skip($"needs bf16, which oneDNN {library.Version} has not for {library.InstructionSet}");
        }

        using NativeBuffer buffer = new NativeBuffer(to.ByteSize);
        fixed (float* source = values)
            NativeRunner.Reorder(library, from, source, to, buffer.Address);

        Assert.Equal(expected, buffer.Halves.ToArray());
    });
}
