using DropoutLab.Backends;
using DropoutLab.Backends.OneDnn;
using DropoutLab.Backends.OneDnn.Native;

namespace DropoutLab.Tests.Backends.Native;

public sealed unsafe class OneDnnLibraryTests : NativeTest
{
    [Fact]
    public void NoneMeansAbsentAndSaysSoInOneLine()
    {
        Assert.False(OneDnnLibrary.TryLoad("none", out var library, out string? reason));
        Assert.Null(library);
        Assert.Equal("oneDNN is switched off (DROPOUTLAB_ONEDNN is \"none\")", reason);
    }

    [Fact]
    public void AWrongPathIsNamed()
    {
        Assert.False(OneDnnLibrary.TryLoad("/nowhere/libdnnl.so", out _, out string? reason));
        Assert.Contains("\"/nowhere/libdnnl.so\"", reason, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', reason);
    }

    [Fact]
    public void AForeignLibraryIsRefused()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux, whose libm.so.6 is the foreign library");

        Assert.False(OneDnnLibrary.TryLoad("libm.so.6", out _, out string? reason));
        Assert.Contains("libm.so.6", reason, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', reason);
    }

    [Fact]
    public void TheLibraryDescribesItself() => WithLibrary(library =>
    {
        Assert.InRange(library.Version.Major, 2, 3);
        Assert.NotEqual(CpuRuntime.None, library.Runtime);
        Assert.NotEmpty(library.InstructionSet);
        Assert.Equal(2, library.LiveHandles);
    });

    /// <summary>As 2.6 and 3.x name them: bfloat16 is the faster where there are tiles, on no other processor.</summary>
    [Theory]
    [InlineData("avx2", false)]
    [InlineData("avx2_vnni_2", false)]
    [InlineData("avx512_core", false)]
    [InlineData("avx512_core_bf16", false)]
    [InlineData("avx512_core_fp16", false)]
    [InlineData("avx10_1_512", false)]
    [InlineData("avx512_core_amx", true)]
    [InlineData("avx512_core_amx_fp16", true)]
    [InlineData("avx10_1_512_amx", true)]
    public void OnlyAmxHasTiles(string instructionSet, bool hasTiles) =>
        Assert.Equal(hasTiles, OneDnnLibrary.AreTiles(instructionSet));

    [Fact]
    public void AutoIsBFloat16WithTilesAlone() => WithLibrary(library =>
    {
        Assert.True(OneDnnBackend.TryCreate(1, out OneDnnBackend? backend, out _));
        using (backend)
            Assert.Equal(library.HasTiles ? Precision.BFloat16 : Precision.Float32, backend.PreferredPrecision);
    });

    [Fact]
    public void AHandleThatIsNotDisposedIsCounted() => WithLibrary(library =>
    {
        MemoryDescriptor descriptor = MemoryDescriptor.Dense(library, ElementType.Float32, [3]);
        Assert.Equal(3, library.LiveHandles);
        descriptor.Dispose();
        descriptor.Dispose();
        Assert.Equal(2, library.LiveHandles);
    });

    [Fact]
    public void DescriptorsCompareByShapeTypeAndLayout() => WithLibrary(library =>
    {
        using MemoryDescriptor dense = MemoryDescriptor.Dense(library, ElementType.Float32, [2, 3, 4, 5]);
        using MemoryDescriptor same = MemoryDescriptor.Strided(library, ElementType.Float32, [2, 3, 4, 5], [60, 20, 5, 1]);
        using MemoryDescriptor channelsLast = MemoryDescriptor.ChannelsLast(library, ElementType.Float32, 2, 3, 4, 5);
        using MemoryDescriptor bfloat16 = MemoryDescriptor.Dense(library, ElementType.BFloat16, [2, 3, 4, 5]);

        Assert.Equal(dense, same);
        Assert.Equal(dense.GetHashCode(), same.GetHashCode());
        Assert.NotEqual(dense, channelsLast);
        Assert.NotEqual(dense, bfloat16);
        Assert.Equal([2, 3, 4, 5], channelsLast.Shape);
        Assert.Equal(ElementType.BFloat16, bfloat16.Type);
        Assert.Equal(480, dense.ByteSize);
        Assert.Equal(240, bfloat16.ByteSize);
    });

    [Fact]
    public void AnArgumentThatIsNotBoundStopsTheExecution() => WithLibrary(library =>
    {
        using MemoryDescriptor from = MemoryDescriptor.Dense(library, ElementType.Float32, [4, 3]);
        using MemoryDescriptor to = MemoryDescriptor.Strided(library, ElementType.Float32, [4, 3], [1, 4]);
        using var reorder = ReorderPrimitive.TryCreate(library, from, to);
        using PrimitiveCall call = new PrimitiveCall(reorder!);
        using NativeBuffer buffer = new NativeBuffer(from.ByteSize);
        call.Bind(Argument.Source, buffer.Address);

        var error = Assert.Throws<InvalidOperationException>(call.Execute);
        Assert.Contains(nameof(Argument.Destination), error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => call.Bind(Argument.Bias, buffer.Address));
        Assert.Throws<ArgumentNullException>(() => call.Bind(Argument.Destination, null));
    });

    [Fact]
    public void ExecutionAllocatesNothingAndFollowsABufferThatMoves() => WithLibrary(library =>
    {
        using MemoryDescriptor from = MemoryDescriptor.Dense(library, ElementType.Float32, [4, 3]);
        using MemoryDescriptor to = MemoryDescriptor.Strided(library, ElementType.Float32, [4, 3], [1, 4]);
        using var reorder = ReorderPrimitive.TryCreate(library, from, to);
        using PrimitiveCall call = new PrimitiveCall(reorder!);
        using NativeBuffer source = new NativeBuffer(from.ByteSize);
        using NativeBuffer first = new NativeBuffer(to.ByteSize);
        using NativeBuffer second = new NativeBuffer(to.ByteSize);
        Norms.RandomValues(12, seed: 1).CopyTo(source.Floats);
        second.Floats.Clear();
        call.Bind(Argument.Source, source.Address);
        call.Bind(Argument.Destination, first.Address);
        call.Execute();

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            call.Bind(Argument.Destination, second.Address);
            call.Execute();
        }

        library.Wait();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(source.Floats[1], second.Floats[4]);
        Assert.Equal(first.Floats.ToArray(), second.Floats.ToArray());
    });
}
