// What nvcc predefines. Last, because torch's headers behave otherwise where they see it.
#pragma once
#define __CUDACC__ 1
#define __NVCC__ 1
#define __CUDACC_VER_MAJOR__ 12
#define __CUDACC_VER_MINOR__ 4
#define __CUDACC_RELAXED_CONSTEXPR__ 1
#define __CUDACC_EXTENDED_LAMBDA__ 1
#define __CUDA_ARCH__ 900
#define __CUDA_ARCH_LIST__ 900
