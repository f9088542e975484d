namespace DropoutLab.Backends.OneDnn.Native;

/// <summary>What oneDNN was built to run its threads on (<c>DNNL_RUNTIME_*</c>, the same in 2.x and 3.x).</summary>
internal enum CpuRuntime
{
    None = 0,
    Sequential = 1,
    OpenMp = 2,
    Tbb = 4,
    ThreadPool = 8,
    Sycl = 512,
}
