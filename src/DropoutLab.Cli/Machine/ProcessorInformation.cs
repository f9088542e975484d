using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace DropoutLab.Cli.Machine;

/// <summary>What the processor calls itself, and which of its instructions matter here.</summary>
/// <remarks>Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2A, CPUID.</remarks>
internal static class ProcessorInformation
{
    private const int BrandLeaf = unchecked((int)0x80000002);
    private const int LastBrandLeaf = unchecked((int)0x80000004);

    /// <summary>The brand string on x86, elsewhere the architecture.</summary>
    public static string Name { get; } = X86Base.IsSupported && HasBrand()
        ? Brand()
        : RuntimeInformation.ProcessArchitecture.ToString();

    /// <summary>The instruction sets that kernels can use. What was switched off for .NET is left out.</summary>
    public static IReadOnlyList<string> Features { get; } =
        [.. AllFeatures().Where(feature => feature.Present).Select(feature => feature.Name)];

    private static IEnumerable<(string Name, bool Present)> AllFeatures()
    {
        (int Eax, int Ebx, int Ecx, int Edx) extended = Leaf(7, 0), further = Leaf(7, 1);
        return
        [
            ("AVX2", Avx2.IsSupported),
            ("FMA", Fma.IsSupported),
            ("AVX-512", Avx512BW.IsSupported),
            ("AVX-512 BF16", Avx512BW.IsSupported && Bit(further.Eax, 5)),
            ("AMX", Bit(extended.Edx, 24)),
            ("AMX BF16", Bit(extended.Edx, 22)),
            ("NEON", AdvSimd.IsSupported),
        ];
    }

    private static (int Eax, int Ebx, int Ecx, int Edx) Leaf(int function, int subFunction) =>
        X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= function ? X86Base.CpuId(function, subFunction) : default;

    private static bool Bit(int register, int index) => (register >> index & 1) != 0;

    private static bool HasBrand() => (uint)X86Base.CpuId(unchecked((int)0x80000000), 0).Eax >= unchecked((uint)LastBrandLeaf);

    private static string Brand()
    {
        List<int> registers = [];
        for (int leaf = BrandLeaf; leaf <= LastBrandLeaf; leaf++)
        {
            (int eax, int ebx, int ecx, int edx) = X86Base.CpuId(leaf, 0);
            registers.AddRange([eax, ebx, ecx, edx]);
        }

        string text = Encoding.ASCII.GetString(MemoryMarshal.AsBytes<int>(registers.ToArray()));
        return string.Join(' ', text.TrimEnd('\0').Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }
}
